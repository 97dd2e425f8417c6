// Envelope encryption: a fresh data key for each record, wrapped by the key-encryption key in use. Fails closed.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { AppError } from '@wheelwright/kernel';
import type { EncryptionKey } from '@wheelwright/platform-config';
import type { SealedValue } from '../sealing.js';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** The first key of the ring seals; every key opens what it sealed. */
export class KeyRing {
  readonly #keys: ReadonlyMap<string, Uint8Array>;
  /** Id of the key that seals. */
  readonly currentKeyId: string;

  constructor(keys: readonly [EncryptionKey, ...EncryptionKey[]]) {
    this.currentKeyId = keys[0].id;
    this.#keys = new Map(keys.map((key) => [key.id, key.bytes]));
  }

  /** Seals a value for the row and column that `aad` names. The caller still owns `plaintext`, and should overwrite it. */
  seal(plaintext: Uint8Array, aad: string): SealedValue {
    const dataKey = randomBytes(KEY_BYTES);
    try {
      return {
        keyId: this.currentKeyId,
        wrappedKey: this.#wrap(dataKey, aad),
        ciphertext: encrypt(dataKey, plaintext, aad),
      };
    } finally {
      dataKey.fill(0);
    }
  }

  /** Opens a sealed value; overwrite the result after use. Throws `CredentialsUnreadable` on a wrong or missing key or another row's value. */
  open(sealed: SealedValue, aad: string): Uint8Array {
    const dataKey = this.#unwrap(sealed, aad);
    try {
      return decrypt(dataKey, sealed.ciphertext, aad);
    } catch (error) {
      throw unreadable('the value does not belong to this record, or was changed', error);
    } finally {
      dataKey.fill(0);
    }
  }

  /** The data key wrapped by the key in use; the ciphertext stays as it is. */
  rewrap(sealed: SealedValue, aad: string): SealedValue {
    const dataKey = this.#unwrap(sealed, aad);
    try {
      return { ...sealed, keyId: this.currentKeyId, wrappedKey: this.#wrap(dataKey, aad) };
    } finally {
      dataKey.fill(0);
    }
  }

  #wrap(dataKey: Uint8Array, aad: string): Uint8Array {
    return encrypt(this.#keyOf(this.currentKeyId), dataKey, wrappingData(this.currentKeyId, aad));
  }

  #unwrap(sealed: SealedValue, aad: string): Uint8Array {
    const key = this.#keyOf(sealed.keyId);
    try {
      return decrypt(key, sealed.wrappedKey, wrappingData(sealed.keyId, aad));
    } catch (error) {
      throw unreadable(`the key ${sealed.keyId} of WHEELWRIGHT_ENCRYPTION_KEYS is not the one that sealed it`, error);
    }
  }

  #keyOf(id: string): Uint8Array {
    const key = this.#keys.get(id);
    if (key === undefined)
      throw unreadable(`WHEELWRIGHT_ENCRYPTION_KEYS has no key ${id}: put it back, and rotate before you remove it`);
    return key;
  }
}

/** A wrapped key is no sealed value, even for the same record: each has associated data of its own. */
function wrappingData(keyId: string, aad: string): string {
  return `data-key:${keyId}:${aad}`;
}

/** Initialisation vector, tag, ciphertext. The vector is random: a data key seals once, and a wrapping key far fewer than 2^32 times. */
function encrypt(key: Uint8Array, plaintext: Uint8Array, aad: string): Uint8Array {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(aad, 'utf8'));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]);
}

function decrypt(key: Uint8Array, sealed: Uint8Array, aad: string): Uint8Array {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(aad, 'utf8')).setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  const first = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES));
  try {
    return Buffer.concat([first, decipher.final()]);
  } finally {
    first.fill(0);
  }
}

function unreadable(why: string, cause?: unknown): AppError {
  return new AppError(
    'CredentialsUnreadable',
    `Sealed credentials cannot be opened: ${why}.`,
    cause === undefined ? {} : { cause },
  );
}
