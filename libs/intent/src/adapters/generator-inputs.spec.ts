import { AppError } from '@wheelwright/kernel';
import type { Store } from '@wheelwright/platform-store';
import { createTestStore, type TestStore } from '@wheelwright/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Sealer } from '../ports.js';
import type { GeneratorInput, Generator } from '../types.js';
import { applySet } from './apply-sets.js';
import { GeneratorInputs, type InputKey } from './generator-inputs.js';
import { sampleSet, truncateAll } from './testing/samples.js';

/** Not a cipher: what is needed of one here is that it gets its value back under the same name only. */
const sealer: Sealer = {
  seal: (plaintext, aad) => ({
    keyId: aad,
    wrappedKey: new Uint8Array([1]),
    ciphertext: plaintext.map((byte) => byte ^ 0x5a),
  }),
  open: ({ keyId, ciphertext }, aad) => {
    if (keyId !== aad) throw new AppError('CredentialsUnreadable', 'sealed for another row');
    return ciphertext.map((byte) => byte ^ 0x5a);
  },
};
const inputs = new GeneratorInputs(sealer);
const CANARY = 'canary-7f3a';

let test: TestStore;
let store: Store;

beforeAll(async () => {
  test = await createTestStore();
  store = test.store;
});
afterAll(() => test.drop());
beforeEach(async () => {
  await truncateAll(store.pool);
  await store.pool.query('TRUNCATE generator_inputs');
});

const input = (kind: GeneratorInput['kind'], name: string, data: GeneratorInput['data']): GeneratorInput => ({
  kind,
  metadata: { name, namespace: 'argocd', labels: { a: 'b' } },
  data,
});
const keyOf = (kind: InputKey['kind'], name: string): InputKey => ({ kind, namespace: 'argocd', name });
const apply = (...many: readonly GeneratorInput[]) =>
  store.tx(async (client) => {
    const results = [];
    for (const each of many) results.push(await inputs.apply(client, each));
    return results;
  });

async function rows(sql: string): Promise<unknown[]> {
  return (await store.pool.query<Record<string, unknown>>(sql)).rows;
}

describe('storing', () => {
  it('creates, finds nothing to do, configures', async () => {
    const secret = (token: string) => input('Secret', 'token', { token });
    const map = (baseUrl: string) => input('ConfigMap', 'plugin', { baseUrl });
    expect(await apply(secret('1'), map('1'))).toEqual(['created', 'created']);
    const before = await rows('SELECT xmin, digest FROM generator_inputs');
    expect(await apply(secret('1'), map('1'))).toEqual(['unchanged', 'unchanged']);
    expect(await rows('SELECT xmin, digest FROM generator_inputs')).toEqual(before);
    expect(await apply(secret('2'), map('2'))).toEqual(['configured', 'configured']);
    expect(await inputs.read(store, keyOf('Secret', 'token'))).toEqual({ token: '2' });
    expect(await inputs.read(store, keyOf('ConfigMap', 'plugin'))).toEqual({ baseUrl: '2' });
    expect(await inputs.read(store, { ...keyOf('Secret', 'token'), namespace: 'other' })).toBeUndefined();
  });

  it('keeps the texts of a Secret sealed, and lists names and keys only', async () => {
    await apply(input('Secret', 'token', { token: CANARY, other: '' }), input('ConfigMap', 'plain', { a: 'b' }));
    const columns = await rows(
      `SELECT row_to_json(g)::text AS text, encode(ciphertext, 'escape') AS sealed FROM generator_inputs g`,
    );
    expect(JSON.stringify(columns)).not.toContain(CANARY);
    const listed = await inputs.list(store);
    expect(JSON.stringify(listed)).not.toContain(CANARY);
    expect(listed.map(({ kind, name, keys }) => [kind, name, keys])).toEqual([
      ['ConfigMap', 'plain', ['a']],
      ['Secret', 'token', ['other', 'token']],
    ]);
  });

  it('gives equal Secrets digests that do not tell so', async () => {
    await apply(input('Secret', 'one', { token: CANARY }), input('Secret', 'two', { token: CANARY }));
    expect(await rows('SELECT count(DISTINCT digest)::int AS n FROM generator_inputs')).toEqual([{ n: 2 }]);
  });

  it('opens no row with the sealed value of another, and an apply heals it', async () => {
    await apply(input('Secret', 'one', { token: '1' }), input('Secret', 'two', { token: '2' }));
    await store.pool.query(
      `UPDATE generator_inputs g SET key_id = o.key_id, ciphertext = o.ciphertext FROM generator_inputs o WHERE g.name = 'one' AND o.name = 'two'`,
    );
    await expect(inputs.read(store, keyOf('Secret', 'one'))).rejects.toMatchObject({ code: 'CredentialsUnreadable' });
    expect(await apply(input('Secret', 'one', { token: '1' }))).toEqual(['configured']);
    expect(await inputs.read(store, keyOf('Secret', 'one'))).toEqual({ token: '1' });
  });

  it('deletes, and says what is not there', async () => {
    await apply(input('ConfigMap', 'a', {}));
    await store.tx((client) => inputs.delete(client, keyOf('ConfigMap', 'a')));
    const again = store.tx((client) => inputs.delete(client, keyOf('ConfigMap', 'a')));
    await expect(again).rejects.toMatchObject({ code: 'NotFound' });
  });
});

describe('a changed input expands exactly the sets that name it', () => {
  const pullRequest = (secretName: string): Generator => ({
    pullRequest: { github: { owner: 'o', repo: 'r', tokenRef: { secretName, key: 'token' } } },
  });

  async function setUp(generators: Readonly<Record<string, Generator>>): Promise<void> {
    await store.tx(async (client) => {
      for (const [name, generator] of Object.entries(generators))
        await applySet(client, sampleSet(name, { generators: [generator] }));
    });
    await store.pool.query('TRUNCATE outbox');
  }

  async function expanded(): Promise<unknown[]> {
    const found = await rows(
      `SELECT s.name FROM outbox o JOIN application_sets s ON s.id::text = o.key WHERE o.queue = 'expand' ORDER BY 1`,
    );
    await store.pool.query('TRUNCATE outbox');
    return found.map((row) => (row as { name: string }).name);
  }

  it('by name, once per change', async () => {
    await setUp({
      one: pullRequest('token'),
      two: pullRequest('other'),
      nested: { matrix: { generators: [{ list: {} }, pullRequest('token')] } },
      open: { matrix: { generators: [{ list: {} }, pullRequest('{{team}}')] } },
      none: { clusters: {} },
    });
    await apply(input('Secret', 'token', { token: '1' }));
    expect(await expanded()).toEqual(['nested', 'one', 'open']);
    await apply(input('Secret', 'token', { token: '1' }), input('ConfigMap', 'token', { a: 'b' }));
    expect(await expanded()).toEqual([]);
    await store.tx((client) => inputs.delete(client, keyOf('Secret', 'token')));
    expect(await expanded()).toEqual(['nested', 'one', 'open']);
  });

  it('through the ConfigMap of a plugin', async () => {
    const plugin = (name: string): Generator => ({ plugin: { configMapRef: { name } } });
    await setUp({ a: plugin('named'), b: plugin('default'), c: plugin('unrelated') });
    await apply(
      input('ConfigMap', 'named', { token: '$plugin:token' }),
      input('ConfigMap', 'default', { token: '$plugin.token' }),
      input('ConfigMap', 'unrelated', { token: '$another:token' }),
    );
    expect(await expanded()).toEqual(['a', 'b', 'c']);
    await apply(input('Secret', 'plugin', { token: '1' }));
    expect(await expanded()).toEqual(['a']);
    await apply(input('Secret', 'argocd-secret', { 'plugin.token': '1' }));
    expect(await expanded()).toEqual(['b']);
  });
});
