// What this room needs from outside.

/** A value under envelope encryption: its data key wrapped by the key-encryption key `keyId`, and the ciphertext. */
export interface SealedValue {
  readonly keyId: string;
  readonly wrappedKey: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** Seals the texts of Secrets at rest. `aad` binds a sealed value to its row: opening it with another one fails with `CredentialsUnreadable`. */
export interface Sealer {
  seal(plaintext: Uint8Array, aad: string): SealedValue;
  open(sealed: SealedValue, aad: string): Uint8Array;
}
