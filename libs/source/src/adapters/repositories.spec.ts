import { mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitMirrors } from '@wheelwright/platform-git';
import type { Store } from '@wheelwright/platform-store';
import { createTestStore, TestRepo, type TestStore } from '@wheelwright/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Repositories } from './repositories.js';

let database: TestStore;
let store: Store;
let folder: string;
let repo: TestRepo;
let mirrors: GitMirrors;
let repositories: Repositories;
let cluster: string;

beforeAll(async () => {
  database = await createTestStore();
  store = database.store;
});
afterAll(() => database.drop());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wheelwright-source-'));
  repo = await TestRepo.create('app', folder);
  mirrors = new GitMirrors({ root: join(folder, 'mirrors'), allowInsecure: true, timeoutMs: 20_000 });
  repositories = new Repositories({ store, mirrors, intervalMs: 60_000, random: () => 0.5 });
  await store.pool.query('TRUNCATE clusters, applications, application_sets, repositories, outbox CASCADE');
  cluster = await one(`INSERT INTO clusters (name, server) VALUES ('a', 'https://a') RETURNING id`);
});
afterEach(async () => {
  mirrors.close();
  await rm(folder, { recursive: true, force: true });
});

async function one(sql: string, values: readonly unknown[] = []): Promise<string> {
  const { rows } = await store.pool.query<{ id: string }>(sql, [...values]);
  const [row] = rows;
  if (row === undefined) throw new Error('no row');
  return row.id;
}

/** Applications `app-<path>` at a revision, in one statement. */
async function addApplications(repositoryId: string, paths: readonly string[], revision = 'HEAD'): Promise<void> {
  await store.pool.query(
    `INSERT INTO applications (name, spec, digest, cluster_id, repository_id, target_revision, source_path)
     SELECT $4 || '-' || path, '{}', '', $1, $2, $4, path FROM unnest($3::text[]) AS path`,
    [cluster, repositoryId, paths, revision],
  );
}

async function due(): Promise<string[]> {
  const { rows } = await store.pool.query<{ name: string }>(
    'SELECT a.name FROM application_due d JOIN applications a ON a.id = d.application_id ORDER BY a.name',
  );
  return rows.map((row) => row.name);
}

/** Outbox rows as `queue:key`, each once, sorted; the outbox and the due table are empty afterwards. */
async function settle(): Promise<string[]> {
  const { rows } = await store.pool.query<{ queue: string; key: string }>('DELETE FROM outbox RETURNING queue, key');
  await store.pool.query('DELETE FROM application_due');
  return [...new Set(rows.map((row) => `${row.queue}:${row.key}`))].sort();
}

/** Makes the repository known and polled; gives its id. */
async function known(revision = 'HEAD'): Promise<string> {
  await repositories.resolve(repo.url, revision);
  const id = await one('SELECT id FROM repositories WHERE url = $1', [repo.url]);
  await repositories.poll(id);
  return id;
}

const refRow = async (revision: string): Promise<unknown> =>
  (await store.pool.query('SELECT commit, error FROM repository_refs WHERE revision = $1', [revision])).rows[0];

describe('resolve', () => {
  it('follows what it does not know, once, and knows it after a poll', async () => {
    const commit = await repo.commit({ 'a/x.yaml': '1' });
    expect(await repositories.resolve(repo.url, 'main')).toBe('pending');
    expect(await repositories.resolve(`${repo.url}/`, 'main')).toBe('pending');
    const id = await one('SELECT id FROM repositories');
    expect(await settle()).toEqual([`source:${id}`]);
    expect(await repositories.poll(id)).toEqual({ changed: ['main'] });
    expect(await repositories.resolve(repo.url, 'main')).toEqual({ commit });
    expect(await repositories.resolve(repo.url, '')).toBe('pending');
    expect(await settle()).toEqual([`source:${id}`]);
  });

  it('finds branches, annotated tags and commits', async () => {
    const first = await repo.commit({ a: '1' });
    await repo.git('tag', '-a', 'v1', '-m', 'one');
    await repo.commit({ a: '2' });
    await repo.git('tag', 'light');
    for (const revision of ['v1', first, 'light', 'main']) await repositories.resolve(repo.url, revision);
    await known();
    expect(await repositories.resolve(repo.url, 'v1')).toEqual({ commit: first });
    expect(await repositories.resolve(repo.url, first)).toEqual({ commit: first });
    expect(await repositories.resolve(repo.url, 'light')).toEqual(await repositories.resolve(repo.url, 'main'));
  });

  it('says that a revision does not exist', async () => {
    await repo.commit({ a: '1' });
    const missing = 'f'.repeat(40);
    for (const revision of ['nope', missing]) await repositories.resolve(repo.url, revision);
    await known();
    await expect(repositories.resolve(repo.url, 'nope')).rejects.toThrow(/has no revision "nope"/);
    await expect(repositories.resolve(repo.url, missing)).rejects.toThrow(/holds no commit ffff/);
    expect(await repositories.resolve(repo.url, 'HEAD')).toHaveProperty('commit');
  });

  it.each(['--upload-pack=x', 'a..b', 'main@{1}', 'a b'])('refuses the revision %s', async (revision) => {
    await expect(repositories.resolve(repo.url, revision)).rejects.toMatchObject({ code: 'SourceFailed' });
  });

  it('refuses an address that is none', async () => {
    await expect(repositories.resolve('ext::sh -c id', 'HEAD')).rejects.toMatchObject({ code: 'SourceFailed' });
  });
});

describe('poll', () => {
  it('asks the remote once and transfers nothing when nothing moved', async () => {
    await repo.commit({ a: '1' });
    const id = await known();
    const before = mirrors.counters;
    expect(await repositories.poll(id)).toEqual({ changed: [] });
    expect(mirrors.counters.lsRemotes - before.lsRemotes).toBe(1);
    expect(mirrors.counters.fetches - before.fetches).toBe(0);
    expect(mirrors.counters.processes - before.processes).toBe(1);
  });

  it('A commit that touches one of 500 directories wakes only its Applications, with two remote calls', async () => {
    const paths = Array.from({ length: 500 }, (_, index) => `apps/app-${String(index)}`);
    await repo.commit(Object.fromEntries(paths.map((path) => [`${path}/cm.yaml`, path])));
    const id = await known();
    await addApplications(id, paths);
    await settle();
    await repo.commit({ 'apps/app-7/cm.yaml': 'changed' });
    const before = mirrors.counters;
    expect(await repositories.poll(id)).toEqual({ changed: ['HEAD'] });
    expect(await due()).toEqual(['HEAD-apps/app-7']);
    expect(mirrors.counters.lsRemotes - before.lsRemotes).toBe(1);
    expect(mirrors.counters.fetches - before.fetches).toBe(1);
    expect(await settle()).toEqual([`deploy:${cluster}`]);
  });

  it('wakes all Applications of a revision that is resolved for the first time', async () => {
    await repo.commit({ 'a/x': '1', 'b/x': '1' });
    const id = await known();
    await addApplications(id, ['a', 'b', 'none'], 'main');
    await settle();
    expect(await repositories.poll(id)).toEqual({ changed: ['main'] });
    expect(await due()).toEqual(['main-a', 'main-b', 'main-none']);
  });

  it('wakes nobody when a path is there neither before nor after, and whoever gains or loses one', async () => {
    await repo.commit({ 'a/x': '1', 'b/x': '1' });
    const id = await known();
    await addApplications(id, ['a', 'b', 'c', 'none', '../evil']);
    await settle();
    await repo.commit({ a: null, 'c/x': '1' });
    await repositories.poll(id);
    expect(await due()).toEqual(['HEAD-a', 'HEAD-c']);
  });

  it('raises seq of what is due already and keeps its time', async () => {
    await repo.commit({ 'a/x': '1' });
    const id = await known();
    await addApplications(id, ['a']);
    await store.pool.query(
      `INSERT INTO application_due (application_id, cluster_id, due_at) SELECT id, cluster_id, '2020-01-01' FROM applications`,
    );
    await repo.commit({ 'a/x': '2' });
    await repositories.poll(id);
    const { rows } = await store.pool.query(`SELECT seq, due_at < '2021-01-01' AS early FROM application_due`);
    expect(rows).toEqual([{ seq: '2', early: true }]);
  });

  it('wakes exactly the sets that read the revision', async () => {
    await repo.commit({ a: '1' });
    const id = await known();
    const [mine, other] = await Promise.all(
      ['mine', 'other'].map((name) =>
        one(`INSERT INTO application_sets (name, spec, digest) VALUES ($1, '{}', '') RETURNING id`, [name]),
      ),
    );
    await store.pool.query(
      `INSERT INTO set_dependencies (set_id, kind, subject, revision) VALUES ($1, 'repository', $3, 'HEAD'), ($2, 'repository', $3, 'v1')`,
      [mine, other, id],
    );
    await repositories.poll(id);
    await settle();
    await repo.commit({ a: '2' });
    await repositories.poll(id);
    expect(await settle()).toEqual([`expand:${mine ?? ''}`]);
  });

  it('wakes exactly the sets whose paths a commit touches', async () => {
    await repo.commit({ 'apps/web/a.yaml': '1', 'envs/eu/config.json': '{}', 'docs/x.md': '1' });
    const id = await known();
    const patterns = ['directories:apps/*', 'directories:charts/*', 'files:envs/*/config.json', 'files:*.md', ''];
    const sets = new Map<string, string>();
    for (const pattern of patterns) {
      const set = await one(`INSERT INTO application_sets (name, spec, digest) VALUES ($1, '{}', '') RETURNING id`, [
        `reads ${pattern}`,
      ]);
      sets.set(`expand:${set}`, pattern);
      await store.pool.query(`INSERT INTO set_dependencies VALUES ($1, 'repository', $2, 'HEAD', $3)`, [
        set,
        id,
        pattern,
      ]);
    }
    await repositories.poll(id);
    const wokenBy = async (files: Record<string, string | null>): Promise<string[]> => {
      await settle();
      await repo.commit(files);
      await repositories.poll(id);
      return (await settle()).map((key) => sets.get(key) ?? key).sort();
    };
    expect(await wokenBy({ 'apps/web/a.yaml': '2' })).toEqual(['']);
    expect(await wokenBy({ 'apps/api/a.yaml': '1' })).toEqual(['', 'directories:apps/*']);
    expect(await wokenBy({ 'envs/eu/config.json': '{"a":1}' })).toEqual(['', 'files:envs/*/config.json']);
    expect(await wokenBy({ 'docs/x.md': null })).toEqual(['', 'files:*.md']);
    expect(await wokenBy({})).toEqual([]);
    await store.pool.query('UPDATE repository_refs SET commit = $1', ['e'.repeat(40)]);
    expect(await wokenBy({ 'docs/y.txt': '1' })).toEqual([...patterns].sort());
  });

  it('drops revisions that nobody uses any more', async () => {
    await repo.commit({ a: '1' });
    const id = await known();
    await addApplications(id, ['a'], 'main');
    await store.pool.query(`UPDATE repository_refs SET changed_at = now() - interval '2 hours'`);
    await repositories.poll(id);
    expect(await refRow('HEAD')).toBeUndefined();
    expect(await refRow('main')).toBeDefined();
    await store.pool.query(`DELETE FROM applications`);
    await store.pool.query(`UPDATE repository_refs SET changed_at = now() - interval '2 hours'`);
    const { lsRemotes } = mirrors.counters;
    await repositories.poll(id);
    expect(mirrors.counters.lsRemotes).toBe(lsRemotes);
  });

  it('compares nothing and wakes all after a forced push whose past is gone', async () => {
    await repo.commit({ 'a/x': '1' });
    const id = await known();
    await addApplications(id, ['a']);
    await settle();
    await store.pool.query('UPDATE repository_refs SET commit = $1', ['e'.repeat(40)]);
    await repositories.poll(id);
    expect(await due()).toEqual(['HEAD-a']);
  });

  it('does not undo what a later look has written', async () => {
    const old = await repo.commit({ a: '1' });
    const id = await known();
    await repo.commit({ a: '2' });
    const [one_, two] = await Promise.all([repositories.poll(id), repositories.poll(id)]);
    expect([...one_.changed, ...two.changed]).toEqual(['HEAD']);
    expect(await refRow('HEAD')).not.toMatchObject({ commit: old });
  });
});

describe('An error is not an empty set', () => {
  it('keeps commits and Applications while the remote is down, backs off, and recovers', async () => {
    const commit = await repo.commit({ 'a/x': '1' });
    const id = await known();
    await addApplications(id, ['a']);
    await settle();
    await rename(repo.path, `${repo.path}-away`);
    const waits: number[] = [];
    for (const _ of [1, 2, 3, 4, 5, 6, 7]) {
      const { failure } = await repositories.poll(id);
      expect(failure).toMatchObject({ code: 'SourceFailed' });
      const { rows } = await store.pool.query<{ s: number }>(
        'SELECT round(extract(epoch FROM next_poll_at - polled_at))::int AS s FROM repositories',
      );
      waits.push(rows[0]?.s ?? 0);
    }
    expect(waits).toEqual([120, 240, 480, 600, 600, 600, 600]);
    expect(await repositories.resolve(repo.url, 'HEAD')).toEqual({ commit });
    expect(await due()).toEqual([]);
    await rename(`${repo.path}-away`, repo.path);
    expect(await repositories.poll(id)).toEqual({ changed: [] });
    const { rows } = await store.pool.query('SELECT failures, error FROM repositories');
    expect(rows).toEqual([{ failures: 0, error: '' }]);
  });

  it('tells those that wait for a revision why they wait', async () => {
    const id = await one(`INSERT INTO repositories (url) VALUES ($1) RETURNING id`, [`file://${folder}/nothing`]);
    await addApplications(id, ['a']);
    await repositories.poll(id);
    expect(await due()).toEqual(['HEAD-a']);
    await expect(repositories.resolve(`file://${folder}/nothing`, 'HEAD')).rejects.toThrow(
      /no repository at this address/,
    );
    await expect(repositories.resolve(`file://${folder}/nothing`, 'new')).rejects.toThrow(
      /no repository at this address/,
    );
  });

  it('records that a branch is gone, wakes its Applications, and finds it again', async () => {
    await repo.commit({ 'a/x': '1' });
    await repo.git('branch', 'release');
    const id = await known('release');
    await addApplications(id, ['a'], 'release');
    await settle();
    await repo.git('branch', '-D', 'release');
    await repositories.poll(id);
    expect(await due()).toEqual(['release-a']);
    await expect(repositories.resolve(repo.url, 'release')).rejects.toThrow(/has no revision "release"/);
    await settle();
    expect(await repositories.poll(id)).toEqual({ changed: [] });
    await repo.git('branch', 'release');
    expect(await repositories.poll(id)).toEqual({ changed: ['release'] });
    expect(await due()).toEqual(['release-a']);
  });
});

describe('trees and files', () => {
  it('pins a directory and reads its files', async () => {
    const commit = await repo.commit({ 'apps/a/b.yaml': 'b', 'apps/a/a.yaml': 'a', 'apps/a/c.txt': 'c' });
    const tree = await repositories.openTree(repo.url, commit, './apps/a/');
    expect(tree).toMatchObject({ commit, path: 'apps/a', treeDigest: await repo.git('rev-parse', 'HEAD:apps/a') });
    const read = await repositories.readFiles(tree, {
      recurse: false,
      maxFiles: 10,
      maxBytes: 100,
      accept: (path) => path.endsWith('.yaml'),
    });
    expect(read.files.map((file) => file.path)).toEqual(['a.yaml', 'b.yaml']);
    await expect(repositories.openTree(repo.url, commit, 'apps/none')).rejects.toThrow(
      /"apps\/none" is not a directory/,
    );
    await expect(repositories.openTree(repo.url, commit, '../x')).rejects.toThrow(/leaves the repository/);
  });

  it('gives the directories of a revision to the generators of sets', async () => {
    const commit = await repo.commit({ 'apps/a/x': '1', 'b/x': '1' });
    expect(await repositories.tree(repo.url, 'main')).toBe('pending');
    await known('main');
    expect(await repositories.tree(repo.url, 'main')).toEqual({ commit, directories: ['apps', 'apps/a', 'b'] });
  });
});

describe('Files of a revision, for generators', () => {
  const all = (paths: readonly string[]): readonly string[] => paths;

  it('are those that were chosen, as text, sorted; links are never among them', async () => {
    await repo.commit({ 'b.json': '{"b":1}', 'a/ü.yaml': 'a: 1', 'skip.txt': 'x' });
    await symlink('/etc/passwd', join(repo.path, 'link.json'));
    const commit = await repo.commit({});
    expect(await repositories.files(repo.url, 'HEAD', all)).toBe('pending');
    await repositories.poll(await known());
    expect(
      await repositories.files(repo.url, 'HEAD', (paths) => paths.filter((path) => !path.endsWith('.txt'))),
    ).toEqual({
      commit,
      files: [
        { path: 'a/ü.yaml', content: 'a: 1' },
        { path: 'b.json', content: '{"b":1}' },
      ],
    });
  });

  it('are refused with numbers where they are too large, and with the path where they are no text', async () => {
    await repo.commit({ 'large.json': 'x'.repeat(1_048_577), 'binary.json': new Uint8Array([0xff, 0xfe]) });
    await repositories.poll(await known());
    await expect(
      repositories.files(repo.url, 'HEAD', (paths) => paths.filter((path) => path === 'large.json')),
    ).rejects.toMatchObject({
      code: 'SourceFailed',
      message: expect.stringMatching(/1048577 bytes.*1048576/) as string,
    });
    await expect(
      repositories.files(repo.url, 'HEAD', (paths) => paths.filter((path) => path === 'binary.json')),
    ).rejects.toMatchObject({ message: expect.stringContaining('binary.json is not UTF-8') as string });
  });
});
