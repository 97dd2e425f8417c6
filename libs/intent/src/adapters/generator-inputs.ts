// ConfigMaps and Secrets that generators name, in Postgres. The texts of Secrets are sealed, bound to their row, and leave only through `read`.
import { randomBytes, randomUUID } from 'node:crypto';
import { AppError, digestOf, jsonEqual } from '@wheelwright/kernel';
import { expandSoon, type Store } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';
import type { Sealer, SealedValue } from '../ports.js';
import type { GeneratorInput } from '../types.js';
import type { ApplyResult } from './apply-objects.js';
import { dependentSets } from './generator-input-dependents.js';

/** Which input, by its identity. */
export interface InputKey {
  readonly kind: GeneratorInput['kind'];
  readonly namespace: string;
  readonly name: string;
}

/** An input as the API shows it: never its texts. */
export interface InputSummary extends InputKey {
  readonly labels: Readonly<Record<string, string>>;
  readonly keys: readonly string[];
  /** ISO time. */
  readonly updatedAt: string;
}

type Texts = Readonly<Record<string, string>>;

interface Row {
  readonly id: string;
  readonly labels: Texts;
  readonly data: Texts;
  readonly key_id: string;
  readonly wrapped_key: Buffer | null;
  readonly ciphertext: Buffer | null;
}

const COLUMNS = 'id, labels, data, key_id, wrapped_key, ciphertext';
const BY_KEY = 'kind = $1 AND namespace = $2 AND name = $3';

/** What a row holds. Of a Secret `data` has its keys, with empty texts: names are no secret, and lists show them. */
interface Columns {
  readonly data: Texts;
  readonly keyId: string;
  readonly wrappedKey: Buffer | null;
  readonly ciphertext: Buffer | null;
  /** Of a Secret a random stamp, new with every change: even a keyed digest would tell which Secrets are equal. */
  readonly digest: string;
}

export class GeneratorInputs {
  readonly #sealer: Sealer;

  constructor(sealer: Sealer) {
    this.#sealer = sealer;
  }

  /** Writes an input where it differs, in the caller's transaction, and has exactly the sets expanded that name it. */
  async apply(client: PoolClient, input: GeneratorInput): Promise<ApplyResult> {
    const { kind, metadata, data } = input;
    const key = { kind, namespace: metadata.namespace, name: metadata.name };
    const id = randomUUID();
    const created = await client.query(
      `INSERT INTO generator_inputs (id, kind, namespace, name, labels, data, key_id, wrapped_key, ciphertext, digest)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (kind, namespace, name) DO NOTHING`,
      [id, kind, key.namespace, key.name, JSON.stringify(metadata.labels), ...this.#values(id, input)],
    );
    if (created.rowCount === 1) {
      await expandDependents(client, key);
      return 'created';
    }
    const { rows } = await client.query<Row>(`SELECT ${COLUMNS} FROM generator_inputs WHERE ${BY_KEY} FOR UPDATE`, [
      ...valuesOf(key),
    ]);
    const [row] = rows;
    if (row === undefined) throw new AppError('Conflict', `${kind} ${key.name} was deleted meanwhile: apply it again`);
    const isSameData = jsonEqual(this.#textsIfReadable(kind, row), data);
    if (isSameData && jsonEqual(row.labels, metadata.labels)) return 'unchanged';
    await client.query(
      `UPDATE generator_inputs SET labels = $2, data = $3, key_id = $4, wrapped_key = $5, ciphertext = $6, digest = $7, updated_at = now()
       WHERE id = $1`,
      [row.id, JSON.stringify(metadata.labels), ...this.#values(row.id, input)],
    );
    if (!isSameData) await expandDependents(client, key);
    return 'configured';
  }

  /** Deletes an input, in the caller's transaction. The sets that name it are expanded, which fails and leaves their Applications as they are. Throws NotFound. */
  async delete(client: PoolClient, key: InputKey): Promise<void> {
    const { rowCount } = await client.query(`DELETE FROM generator_inputs WHERE ${BY_KEY}`, [...valuesOf(key)]);
    if (rowCount === 0) throw new AppError('NotFound', `there is no ${key.kind} ${key.name} in ${key.namespace}`);
    await expandDependents(client, key);
  }

  /** All inputs by kind, namespace and name, without their texts. */
  async list({ pool }: Store): Promise<readonly InputSummary[]> {
    const { rows } = await pool.query<InputKey & { labels: Texts; keys: readonly string[]; updated_at: Date }>(
      `SELECT kind, namespace, name, labels, ARRAY (SELECT jsonb_object_keys(data) ORDER BY 1) AS keys, updated_at
       FROM generator_inputs ORDER BY kind, namespace, name`,
    );
    return rows.map(({ updated_at, ...row }) => ({ ...row, updatedAt: updated_at.toISOString() }));
  }

  /** The texts of an input, for an expansion; `undefined` where it is not there. Throws CredentialsUnreadable. Never log or keep a Secret's. */
  async read({ pool }: Pick<Store, 'pool'>, key: InputKey): Promise<Texts | undefined> {
    const { rows } = await pool.query<Row>(`SELECT ${COLUMNS} FROM generator_inputs WHERE ${BY_KEY}`, [
      ...valuesOf(key),
    ]);
    const [row] = rows;
    return row === undefined ? undefined : this.#texts(key.kind, row);
  }

  #values(id: string, input: GeneratorInput): readonly unknown[] {
    const { data, keyId, wrappedKey, ciphertext, digest } = this.#columns(id, input);
    return [JSON.stringify(data), keyId, wrappedKey, ciphertext, digest];
  }

  #columns(id: string, { kind, data }: GeneratorInput): Columns {
    if (kind === 'ConfigMap') {
      return { data, keyId: '', wrappedKey: null, ciphertext: null, digest: digestOf({ ...data }) };
    }
    const plaintext = Buffer.from(JSON.stringify(data), 'utf8');
    try {
      const { keyId, wrappedKey, ciphertext } = this.#sealer.seal(plaintext, boundTo(id));
      return {
        data: Object.fromEntries(Object.keys(data).map((key) => [key, ''])),
        keyId,
        wrappedKey: Buffer.from(wrappedKey),
        ciphertext: Buffer.from(ciphertext),
        digest: randomBytes(16).toString('hex'),
      };
    } finally {
      plaintext.fill(0);
    }
  }

  #texts(kind: GeneratorInput['kind'], row: Row): Texts {
    if (kind === 'ConfigMap') return row.data;
    const plaintext = this.#sealer.open(sealedOf(row), boundTo(row.id));
    try {
      return JSON.parse(Buffer.from(plaintext.buffer, plaintext.byteOffset, plaintext.byteLength).toString()) as Texts;
    } finally {
      plaintext.fill(0);
    }
  }

  /** A Secret whose key is lost is written anew by the apply that brings it back. */
  #textsIfReadable(kind: GeneratorInput['kind'], row: Row): Texts | undefined {
    try {
      return this.#texts(kind, row);
    } catch (error) {
      if (error instanceof AppError && error.code === 'CredentialsUnreadable') return undefined;
      throw error;
    }
  }
}

function valuesOf({ kind, namespace, name }: InputKey): readonly string[] {
  return [kind, namespace, name];
}

function sealedOf({ key_id, wrapped_key, ciphertext }: Row): SealedValue {
  if (wrapped_key === null || ciphertext === null) throw new Error('a row of a Secret holds no sealed value');
  return { keyId: key_id, wrappedKey: wrapped_key, ciphertext };
}

/** In the form that the rotation of keys knows: `<table>:<id>:<column>`. */
function boundTo(id: string): string {
  return `generator_inputs:${id}:ciphertext`;
}

async function expandDependents(client: PoolClient, key: InputKey): Promise<void> {
  await expandSoon(client, await dependentSets(client, key));
}
