// Rendered sets in Postgres, by key: compressed, and sealed where one holds a Secret.
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { AppError, canonicalJson, type KubeObject } from '@wheelwright/kernel';
import type { Store } from '@wheelwright/platform-store';
import type { RenderedSet } from '../types.js';

/** Seals bytes for the row that `aad` names; the registry's key ring is one. */
export interface RenderSealer {
  seal(plaintext: Uint8Array, aad: string): SealedBytes;
  open(sealed: SealedBytes, aad: string): Uint8Array;
}

export interface SealedBytes {
  readonly keyId: string;
  readonly wrappedKey: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** A set and the length of its JSON text. */
export interface StoredSet {
  readonly set: RenderedSet;
  readonly textLength: number;
}

interface Row {
  readonly digest: string;
  readonly objects: Buffer;
  readonly warnings: readonly string[];
  readonly key_id: string;
  readonly wrapped_key: Buffer | null;
}

const MAX_UNPACKED_BYTES = 512 * 1_024 * 1_024;
const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** Associated data of a sealed set: binds it to its row. */
const aadOf = (key: string): string => `renders:${key}:objects`;

export class StoredRenders {
  constructor(
    private readonly store: Store,
    private readonly sealer: RenderSealer,
  ) {}

  /** The set behind a key. `undefined` where it was never rendered, was deleted since, or was sealed with a key that is gone: it can be rendered again. */
  async load(key: string): Promise<StoredSet | undefined> {
    const { rows } = await this.store.pool.query<Row>(
      'SELECT digest, objects, warnings, key_id, wrapped_key FROM renders WHERE key = $1',
      [key],
    );
    const row = rows[0];
    const packed = row === undefined ? undefined : this.#opened(key, row);
    if (row === undefined || packed === undefined) return undefined;
    // Once a day is enough to say that it is in use: a read must not cost a write.
    await this.store.pool.query(
      `UPDATE renders SET used_at = now() WHERE key = $1 AND used_at < now() - interval '1 day'`,
      [key],
    );
    const text = (await unpack(packed, { maxOutputLength: MAX_UNPACKED_BYTES })).toString('utf8');
    const objects = JSON.parse(text) as readonly KubeObject[];
    return { set: { objects, digest: row.digest, warnings: row.warnings }, textLength: text.length };
  }

  /** Keeps a set. A set that holds a Secret is sealed: a dump of the database opens nothing (law 8). */
  async save(key: string, set: RenderedSet): Promise<StoredSet> {
    const text = canonicalJson(set.objects);
    const packed = await pack(text);
    const sealed = set.objects.some(isSecret) ? this.sealer.seal(packed, aadOf(key)) : undefined;
    await this.store.pool.query(
      `INSERT INTO renders AS r (key, digest, objects, object_count, warnings, key_id, wrapped_key) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (key) DO UPDATE SET objects = excluded.objects, key_id = excluded.key_id, wrapped_key = excluded.wrapped_key
       WHERE r.key_id <> excluded.key_id`,
      [
        key,
        set.digest,
        sealed === undefined ? packed : Buffer.from(sealed.ciphertext),
        set.objects.length,
        JSON.stringify(set.warnings),
        sealed?.keyId ?? '',
        sealed === undefined ? null : Buffer.from(sealed.wrappedKey),
      ],
    );
    return { set, textLength: text.length };
  }

  /** Deletes sets that no Application shows and nobody has read for some days; answers how many. */
  async prune(unusedDays: number): Promise<number> {
    const { rowCount } = await this.store.pool.query(
      `DELETE FROM renders r WHERE r.used_at < now() - make_interval(days => $1)
         AND NOT EXISTS (SELECT 1 FROM application_details d WHERE d.render_key = r.key)`,
      [unusedDays],
    );
    return rowCount ?? 0;
  }

  #opened(key: string, row: Row): Uint8Array | undefined {
    if (row.wrapped_key === null) return row.objects;
    try {
      return this.sealer.open({ keyId: row.key_id, wrappedKey: row.wrapped_key, ciphertext: row.objects }, aadOf(key));
    } catch (error) {
      if (error instanceof AppError && error.code === 'CredentialsUnreadable') return undefined;
      throw error;
    }
  }
}

function isSecret({ kind, apiVersion }: KubeObject): boolean {
  return kind === 'Secret' && apiVersion === 'v1';
}
