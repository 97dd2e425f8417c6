import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { withPostgres } from '@wheelwright/testing';
import type { ClusterRegistration } from '../index.js';
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
