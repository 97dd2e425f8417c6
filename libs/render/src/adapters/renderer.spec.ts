import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ApplicationSource } from '@wheelwright/intent';
import { AppError } from '@wheelwright/kernel';
import { GitMirrors } from '@wheelwright/platform-git';
import type { SourceTree } from '@wheelwright/source';
import { createTestStore, TestRepo, type TestStore } from '@wheelwright/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Rendering } from '../types.js';
import { Renderer, type TreeFiles } from './renderer.js';
import { StoredRenders, type RenderSealer } from './stored-renders.js';

let database: TestStore;
let folder: string;
let repo: TestRepo;
let mirrors: GitMirrors;
let renderer: Renderer;
let stored: StoredRenders;

/** The source room's reading, straight from a mirror. */
const files: TreeFiles = {
  readFiles: (tree, options) => mirrors.readTree(tree.repoURL, { ...tree, treeOid: tree.treeDigest }, options),
};
/** Turns every bit, and opens only for the row that it sealed for. */
const sealer: RenderSealer = {
  seal: (plaintext, aad) => ({
    keyId: 'k1',
    wrappedKey: Buffer.from(aad),
    ciphertext: plaintext.map((byte) => byte ^ 255),
  }),
  open: ({ keyId, wrappedKey, ciphertext }, aad) => {
    if (keyId !== 'k1' || Buffer.from(wrappedKey).toString() !== aad)
      throw new AppError('CredentialsUnreadable', 'not for this row');
    return ciphertext.map((byte) => byte ^ 255);
  },
};
const configMap = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;
const source = (changes: Partial<ApplicationSource> = {}): ApplicationSource => ({ repoURL: repo.url, ...changes });

async function treeAt(commit: string, path: string): Promise<SourceTree> {
  const treeDigest = await mirrors.treeOid(repo.url, commit, path);
  if (treeDigest === undefined) throw new Error(`no ${path}`);
  return { repoURL: repo.url, commit, path, treeDigest };
}

beforeAll(async () => {
  database = await createTestStore();
});
afterAll(() => database.drop());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wheelwright-render-'));
  repo = await TestRepo.create('app', folder);
  mirrors = new GitMirrors({ root: join(folder, 'mirrors'), allowInsecure: true, timeoutMs: 20_000 });
  await database.store.pool.query('TRUNCATE renders');
  stored = new StoredRenders(database.store, sealer);
  renderer = new Renderer({ stored, files });
});
afterEach(async () => {
  mirrors.close();
  await rm(folder, { recursive: true, force: true });
});

describe('Renderer', () => {
  it('A commit that touches one of 500 directories makes one render', async () => {
    const paths = Array.from({ length: 500 }, (_, index) => `apps/app-${String(index)}`);
    const first = await repo.commit(
      Object.fromEntries(paths.map((path, index) => [`${path}/cm.yaml`, configMap(`a${String(index)}`)])),
    );
    const render = async (commit: string): Promise<readonly Rendering[]> => {
      const trees = await mirrors.treeOids(
        repo.url,
        paths.map((path) => ({ commit, path })),
      );
      const results: Rendering[] = [];
      // As many at once as a worker would: all 500 would only wait for connections.
      for (let at = 0; at < paths.length; at += 20) {
        const batch = paths.slice(at, at + 20).map((path, index) => {
          const treeDigest = trees[at + index] ?? '';
          return renderer.render({ repoURL: repo.url, commit, path, treeDigest }, source());
        });
        results.push(...(await Promise.all(batch)));
      }
      return results;
    };
    await render(first);
    expect(renderer.counters.rendered).toBe(500);
    const second = await repo.commit({ 'apps/app-7/cm.yaml': configMap('changed') });
    const results = await render(second);
    expect(renderer.counters.rendered).toBe(501);
    expect(results.filter((result) => !result.cached).map((result) => result.set.objects[0]?.metadata.name)).toEqual([
      'changed',
    ]);
  });

  it('renders equal content once, whatever its place, and gives other processes the result', async () => {
    const commit = await repo.commit({ 'a/cm.yaml': configMap('x'), 'b/cm.yaml': configMap('x') });
    const [a, b] = [await treeAt(commit, 'a'), await treeAt(commit, 'b')];
    const [one, two, three] = await Promise.all([
      renderer.render(a, source()),
      renderer.render(b, source()),
      renderer.render(a, source()),
    ]);
    expect([one.key, two.key]).toEqual([three.key, three.key]);
    expect(renderer.counters).toEqual({ rendered: 1, loaded: 0, remembered: 2 });
    const other = new Renderer({ stored, files });
    const loaded = await other.render(a, source());
    expect(loaded).toEqual({ ...one, cached: true });
    expect(other.counters).toEqual({ rendered: 0, loaded: 1, remembered: 0 });
  });

  it('keeps different options apart', async () => {
    const commit = await repo.commit({ 'cm.yaml': configMap('x'), 'sub/cm.yaml': configMap('w'), 'big.png': '\0' });
    const tree = await treeAt(commit, '');
    const flat = await renderer.render(tree, source());
    const deep = await renderer.render(tree, source({ directory: { recurse: true } }));
    const some = await renderer.render(tree, source({ directory: { recurse: true, include: 'sub/*' } }));
    expect([flat, deep, some].map(({ set }) => set.objects.map((object) => object.metadata.name))).toEqual([
      ['x'],
      ['x', 'w'],
      ['w'],
    ]);
    expect(new Set([flat.key, deep.key, some.key]).size).toBe(3);
  });

  it('remembers a failure, and never as a result', async () => {
    const commit = await repo.commit({ 'cm.yaml': 'apiVersion: v1\nkind: X\nmetadata: {}' });
    const tree = await treeAt(commit, '');
    for (const _ of [1, 2])
      await expect(renderer.render(tree, source())).rejects.toMatchObject({ code: 'RenderFailed' });
    expect(renderer.counters.rendered).toBe(1);
    expect((await database.store.pool.query('SELECT 1 FROM renders')).rowCount).toBe(0);
  });

  it.each<[string, Partial<ApplicationSource>, Record<string, string>, RegExp]>([
    ['a chart', {}, { 'Chart.yaml': 'name: x' }, /^Helm is not rendered yet: the folder holds Chart\.yaml/],
    ['a kustomization', {}, { 'kustomization.yaml': '' }, /^Kustomize is not rendered yet/],
    ['a Kustomization', {}, { Kustomization: '' }, /^Kustomize is not rendered yet/],
    ['helm options', { helm: {} }, {}, /^Helm is not rendered yet: the source sets helm/],
    ['kustomize options', { kustomize: {} }, {}, /^Kustomize is not rendered yet/],
    ['a plugin', { plugin: {} }, {}, /^A plugin is not rendered yet/],
    ['a chart name', { chart: 'x' }, {}, /^Helm is not rendered yet: the source sets chart/],
  ])('says that %s is not rendered yet', async (_, options, content, message) => {
    const commit = await repo.commit({ 'cm.yaml': configMap('x'), ...content });
    await expect(renderer.render(await treeAt(commit, ''), source(options))).rejects.toThrow(message);
  });

  it('takes a folder as plain manifests where the source says so', async () => {
    const commit = await repo.commit({ 'cm.yaml': configMap('x'), 'kustomization.yaml': 'resources: [cm.yaml]' });
    const { set } = await renderer.render(await treeAt(commit, ''), source({ directory: { recurse: false } }));
    expect(set.objects).toHaveLength(1);
    expect(set.warnings).toEqual(['kustomization.yaml: left out, it is not a Kubernetes manifest']);
  });

  it('keeps no more in memory than it may', async () => {
    const small = new Renderer({ stored, files, maxCacheBytes: 1_000 });
    const commit = await repo.commit(
      Object.fromEntries([1, 2, 3].map((index) => [`${String(index)}/cm.yaml`, configMap('x'.repeat(100 + index))])),
    );
    for (const path of ['1', '2', '3', '1']) await small.render(await treeAt(commit, path), source());
    expect(small.counters).toEqual({ rendered: 3, loaded: 1, remembered: 0 });
  });

  it('deletes results that nobody has used for days', async () => {
    const commit = await repo.commit({ 'cm.yaml': configMap('x') });
    await renderer.render(await treeAt(commit, ''), source());
    expect(await stored.prune(30)).toBe(0);
    await database.store.pool.query(`UPDATE renders SET used_at = now() - interval '31 days'`);
    expect(await stored.prune(30)).toBe(1);
  });

  it('seals what holds a Secret, and renders it again where its key is gone (law 8)', async () => {
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: planted-canary}\n';
    const tree = await treeAt(await repo.commit({ 's.yaml': secret }), '');
    const { key } = await renderer.render(tree, source());
    const { rows } = await database.store.pool.query<{ objects: Buffer; key_id: string }>(
      'SELECT objects, key_id FROM renders',
    );
    expect(rows.map((row) => row.key_id)).toEqual(['k1']);
    expect(() => gunzipSync(rows[0]?.objects ?? Buffer.alloc(0))).toThrow();
    expect((await stored.load(key))?.set.objects[0]?.['stringData']).toEqual({ password: 'planted-canary' });
    await database.store.pool.query(`UPDATE renders SET key_id = 'gone'`);
    expect(await stored.load(key)).toBeUndefined();
    const again = new Renderer({ stored, files });
    await again.render(tree, source());
    expect(again.counters.rendered).toBe(1);
    expect((await stored.load(key))?.set.objects).toHaveLength(1);
  });
});
