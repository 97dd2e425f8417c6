// What a sealed value is, and what it is bound to. The sealing itself is an adapter's.

/** A value under envelope encryption: its data key wrapped by the key-encryption key `keyId`, and the ciphertext. */
export interface SealedValue {
  readonly keyId: string;
  readonly wrappedKey: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** The associated data of a sealed column: a ciphertext that is moved to another row or column does not open there. */
export function associatedData(table: string, rowId: string, column = 'ciphertext'): string {
  return `${table}:${rowId}:${column}`;
}
