// The keys that sign sessions: sealed in `signing_keys`, opened once per process. The newest one signs; every one verifies.
import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ACCESS_OPTIONS, type AccessOptions } from './options.js';

/** Serialises the first start of several hubs, so that they agree on one key. */
const FIRST_KEY_LOCK = 7_201_603;
/** Reads at most this often for a key id that this process does not know: made-up ids cost no query each. */
const UNKNOWN_KEY_PAUSE_MS = 5_000;

export interface SigningKey {
  readonly id: string;
  readonly secret: Buffer;
}

interface SigningKeyRow {
  readonly id: string;
  readonly key_id: string;
  readonly wrapped_key: Buffer;
  readonly ciphertext: Buffer;
}

/** Associated data of a sealed signing key: binds it to its row. */
const aadOf = (id: string): string => `signing_keys:${id}:ciphertext`;

@Injectable()
export class SigningKeys {
  private known: readonly SigningKey[] = [];
  private loadedAtMs = -Infinity;

  constructor(@Inject(ACCESS_OPTIONS) private readonly options: AccessOptions) {}

  /** The key that signs now. Makes the first one where there is none. */
  async current(): Promise<SigningKey> {
    if (this.known.length === 0) await this.load();
    const [newest] = this.known;
    return newest ?? this.createFirst();
  }

  /** The key with this id, or `undefined`. */
  async find(id: string): Promise<SigningKey | undefined> {
    const known = this.known.find((key) => key.id === id);
    if (known !== undefined) return known;
    if (this.options.clock.nowMs() - this.loadedAtMs < UNKNOWN_KEY_PAUSE_MS) return undefined;
    await this.load();
    return this.known.find((key) => key.id === id);
  }

  private async load(): Promise<void> {
    this.loadedAtMs = this.options.clock.nowMs();
    const { rows } = await this.options.store.pool.query<SigningKeyRow>(
      'SELECT id, key_id, wrapped_key, ciphertext FROM signing_keys ORDER BY created_at DESC, id',
    );
    this.known = rows.map((row) => this.opened(row));
  }

  private opened(row: SigningKeyRow): SigningKey {
    const sealed = { keyId: row.key_id, wrappedKey: row.wrapped_key, ciphertext: row.ciphertext };
    return { id: row.id, secret: Buffer.from(this.options.sealer.open(sealed, aadOf(row.id))) };
  }

  private async createFirst(): Promise<SigningKey> {
    const row = await this.options.store.tx(async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [FIRST_KEY_LOCK]);
      const existing = await client.query<SigningKeyRow>(
        'SELECT id, key_id, wrapped_key, ciphertext FROM signing_keys LIMIT 1',
      );
      if (existing.rows[0] !== undefined) return existing.rows[0];
      const { rows } = await client.query<{ id: string }>('SELECT gen_random_uuid() AS id');
      const id = rows[0]?.id ?? '';
      const sealed = this.options.sealer.seal(randomBytes(64), aadOf(id));
      const inserted = await client.query<SigningKeyRow>(
        'INSERT INTO signing_keys (id, key_id, wrapped_key, ciphertext) VALUES ($1, $2, $3, $4) RETURNING id, key_id, wrapped_key, ciphertext',
        [id, sealed.keyId, Buffer.from(sealed.wrappedKey), Buffer.from(sealed.ciphertext)],
      );
      return inserted.rows[0];
    });
    if (row === undefined) throw new Error('the first signing key was not stored');
    const key = this.opened(row);
    this.known = [key];
    return key;
  }
}
