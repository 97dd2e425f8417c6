// Wraps the data keys of sealed rows by the key in use, while everybody goes on reading them.
import type { Store } from '@wheelwright/platform-store';
import { associatedData } from '../sealing.js';
import type { KeyRing } from './key-ring.js';

/** Tables of sealed values: `key_id`, `wrapped_key` and `ciphertext`, bound to `<table>:<id>:ciphertext`. */
const SEALED_TABLES = [
  { table: 'cluster_credentials', id: 'cluster_id' },
  { table: 'signing_keys', id: 'id' },
  // Secrets that generators name; ConfigMaps stand in the same table, and are not sealed.
  { table: 'generator_inputs', id: 'id' },
] as const;

const BATCH = 200;

interface SealedRow {
  readonly id: string;
  readonly key_id: string;
  readonly wrapped_key: Buffer;
  readonly ciphertext: Buffer;
}

export interface Rotation {
  /** Rows that were wrapped anew. */
  readonly rewrapped: number;
}

/**
 * Re-wraps every row that another key sealed, in small transactions. Readers never fail: a row always holds a key and what that key wrapped,
 * and the ring still opens both. When it ends, no row needs an older key; then the older keys may leave the ring. Running it again is fine.
 * Throws `CredentialsUnreadable`, with earlier batches done, at a row whose key is not in the ring.
 */
export async function rotateKeys(store: Store, ring: KeyRing): Promise<Rotation> {
  let rewrapped = 0;
  for (const sealed of SEALED_TABLES) {
    for (;;) {
      const count = await rotateBatch(store, ring, sealed);
      rewrapped += count;
      if (count < BATCH) break;
    }
  }
  return { rewrapped };
}

async function rotateBatch(
  store: Store,
  ring: KeyRing,
  { table, id }: (typeof SEALED_TABLES)[number],
): Promise<number> {
  return store.tx(async (client) => {
    const { rows } = await client.query<SealedRow>(
      `SELECT ${id} AS id, key_id, wrapped_key, ciphertext FROM ${table} WHERE key_id <> $1 AND wrapped_key IS NOT NULL ORDER BY ${id} LIMIT ${BATCH} FOR UPDATE`,
      [ring.currentKeyId],
    );
    const wrapped = rows.map((row) => {
      const sealed = { keyId: row.key_id, wrappedKey: row.wrapped_key, ciphertext: row.ciphertext };
      return Buffer.from(ring.rewrap(sealed, associatedData(table, row.id)).wrappedKey);
    });
    await client.query(
      `UPDATE ${table} t SET key_id = $1, wrapped_key = r.wrapped_key FROM unnest($2::uuid[], $3::bytea[]) AS r(id, wrapped_key) WHERE t.${id} = r.id`,
      [ring.currentKeyId, rows.map((row) => row.id), wrapped],
    );
    return rows.length;
  });
}
