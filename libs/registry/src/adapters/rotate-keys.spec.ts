import { randomBytes, randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { withPostgres } from '@wheelwright/testing';
import { associatedData, type ClusterRegistration } from '../index.js';
import { ClusterStore, KeyRing, rotateKeys } from './index.js';

const OLD = { id: 'old', bytes: randomBytes(32) };
const NEW = { id: 'new', bytes: randomBytes(32) };
/** More than one batch. */
const COUNT = 250;

function registrationOf(name: string): ClusterRegistration {
  return {
    name,
    server: `https://${name}.example`,
    labels: {},
    annotations: {},
    project: '',
    namespaces: [],
    clusterResources: true,
    tls: { insecure: false },
    credentials: { kind: 'bearerToken', token: `token-of-${name}` },
  };
}

it('re-wraps online: readers never fail, and the old key is not needed afterwards (online re-wrap with 0 failed reads)', async () => {
  await withPostgres(async (store) => {
    const before = new ClusterStore(store, new KeyRing([OLD]));
    await store.tx(async (client) => {
      for (let at = 0; at < COUNT; at += 1) await before.apply(client, registrationOf(`c${String(at)}`));
    });
    const both = new KeyRing([NEW, OLD]);
    const readers = new ClusterStore(store, both);
    const ids = await before.ids();
    const done = new AbortController();
    let reads = 0;
    const reading = (async () => {
      while (!done.signal.aborted) {
        const id = ids[reads % ids.length];
        if (id !== undefined) await readers.target(id);
        reads += 1;
      }
    })();
    expect((await rotateKeys(store, both)).rewrapped).toBe(COUNT);
    done.abort();
    await reading;
    expect(reads).toBeGreaterThan(0);
    const after = new ClusterStore(store, new KeyRing([NEW]));
    for (const id of ids) expect((await after.target(id)).target.credentials).toMatchObject({ kind: 'bearerToken' });
    expect((await rotateKeys(store, both)).rewrapped).toBe(0);
    await expect(rotateKeys(store, new KeyRing([OLD]))).rejects.toMatchObject({ code: 'CredentialsUnreadable' });
  });
});

it('re-wraps the Secrets of generators, and leaves ConfigMaps alone', async () => {
  await withPostgres(async (store) => {
    const id = randomUUID();
    const aad = associatedData('generator_inputs', id);
    const { keyId, wrappedKey, ciphertext } = new KeyRing([OLD]).seal(Buffer.from('texts'), aad);
    await store.pool.query(
      `INSERT INTO generator_inputs (id, kind, namespace, name, key_id, wrapped_key, ciphertext, digest)
       VALUES ($1, 'Secret', 'argocd', 'token', $2, $3, $4, ''), (gen_random_uuid(), 'ConfigMap', 'argocd', 'plain', '', NULL, NULL, '')`,
      [id, keyId, Buffer.from(wrappedKey), Buffer.from(ciphertext)],
    );
    expect((await rotateKeys(store, new KeyRing([NEW, OLD]))).rewrapped).toBe(1);
    const { rows } = await store.pool.query<{ key_id: string; wrapped_key: Buffer; ciphertext: Buffer }>(
      `SELECT key_id, wrapped_key, ciphertext FROM generator_inputs WHERE id = $1`,
      [id],
    );
    const [row] = rows;
    if (row === undefined) throw new Error('the row is gone');
    const sealed = { keyId: row.key_id, wrappedKey: row.wrapped_key, ciphertext: row.ciphertext };
    expect(Buffer.from(new KeyRing([NEW]).open(sealed, aad)).toString()).toBe('texts');
    expect((await rotateKeys(store, new KeyRing([NEW, OLD]))).rewrapped).toBe(0);
  });
});
