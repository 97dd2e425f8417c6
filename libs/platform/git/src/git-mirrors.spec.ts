import { mkdtemp, readdir, rm, symlink, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveRepos, TestRepo, type GitServer } from '@wheelwright/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GitMirrors } from './git-mirrors.js';

const ALL = { recurse: true, maxFiles: 100, maxBytes: 1_000_000 };
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

let folder: string;
let repo: TestRepo;
let mirrors: GitMirrors;

const newMirrors = (changes: Partial<ConstructorParameters<typeof GitMirrors>[0]> = {}): GitMirrors =>
  new GitMirrors({ root: join(folder, 'mirrors'), allowInsecure: true, timeoutMs: 20_000, ...changes });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wheelwright-git-'));
  repo = await TestRepo.create('app', folder);
  mirrors = newMirrors();
});

afterEach(async () => {
  mirrors.close();
  await rm(folder, { recursive: true, force: true });
});

describe('GitMirrors', () => {
  it('lists refs in one call: HEAD, branches, tags and what annotated tags point at', async () => {
    const commit = await repo.commit({ a: '1' });
    await repo.git('tag', '-a', 'v1', '-m', 'one');
    const refs = await mirrors.lsRemote(repo.url);
    expect(refs.get('HEAD')).toBe(commit);
    expect(refs.get('refs/heads/main')).toBe(commit);
    expect(refs.get('refs/tags/v1')).not.toBe(commit);
    expect(refs.get('refs/tags/v1^{}')).toBe(commit);
    expect(mirrors.counters).toMatchObject({ lsRemotes: 1, fetches: 0 });
  });

  it('reads trees by their ids, directories and files, with one transfer', async () => {
    const commit = await repo.commit({
      'apps/a/x.yaml': 'x',
      'apps/a/deep/y.yaml': 'yy',
      'apps/b/z.yaml': '',
      'ä/ö.yaml': 'ü',
    });
    const [a, b, root, none, file] = await mirrors.treeOids(
      repo.url,
      ['apps/a', 'apps/b', '', 'apps/none', 'apps/a/x.yaml'].map((path) => ({ commit, path })),
    );
    expect(a).toBe(await repo.git('rev-parse', 'HEAD:apps/a'));
    expect(b).toBe(await repo.git('rev-parse', 'HEAD:apps/b'));
    expect(root).toBe(await repo.git('rev-parse', 'HEAD^{tree}'));
    expect([none, file]).toEqual([undefined, undefined]);
    expect(await mirrors.directories(repo.url, commit)).toEqual(['apps', 'apps/a', 'apps/a/deep', 'apps/b', 'ä']);
    const flat = await mirrors.readTree(repo.url, { commit, path: 'apps/a' }, { ...ALL, recurse: false });
    expect(flat.files.map((entry) => [entry.path, text(entry.bytes)])).toEqual([['x.yaml', 'x']]);
    const deep = await mirrors.readTree(repo.url, { commit, path: '' }, ALL);
    expect(deep.files.map((entry) => [entry.path, text(entry.bytes)]).sort()).toEqual([
      ['apps/a/deep/y.yaml', 'yy'],
      ['apps/a/x.yaml', 'x'],
      ['apps/b/z.yaml', ''],
      ['ä/ö.yaml', 'ü'],
    ]);
    expect(mirrors.counters).toMatchObject({ fetches: 1, lsRemotes: 0 });
  });

  it('fetches only what is new, one transfer for all callers', async () => {
    const first = await repo.commit({ a: '1' });
    await Promise.all([
      mirrors.ensure(repo.url, [first]),
      mirrors.ensure(repo.url, [first]),
      mirrors.ensure(`${repo.url}/`, [first]),
    ]);
    expect(mirrors.counters.fetches).toBe(1);
    const second = await repo.commit({ a: '2' });
    await mirrors.ensure(repo.url, [first, second]);
    expect(mirrors.counters.fetches).toBe(2);
    expect(await mirrors.treeOid(repo.url, first, '')).not.toBe(await mirrors.treeOid(repo.url, second, ''));
    // A process that starts on the same folder finds everything there.
    const again = newMirrors();
    await again.ensure(repo.url, [first, second]);
    expect(again.counters.fetches).toBe(0);
    again.close();
  });

  it('shares a mirror between processes', async () => {
    const commit = await repo.commit({ a: '1' });
    const other = newMirrors();
    await Promise.all([mirrors.ensure(repo.url, [commit]), other.ensure(repo.url, [commit])]);
    expect(mirrors.counters.fetches + other.counters.fetches).toBe(1);
    other.close();
  });

  it('reads many files through one process, in order', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 80 }, (_, index) => [`f${String(index)}`, 'x'.repeat(index * 977)]),
    );
    const commit = await repo.commit(files);
    const before = mirrors.counters.processes;
    const both = await Promise.all(
      [1, 2].map(() => mirrors.readTree(repo.url, { commit, path: '' }, { ...ALL, maxBytes: 1 << 26 })),
    );
    for (const { files: found } of both) {
      expect(Object.fromEntries(found.map((entry) => [entry.path, text(entry.bytes)]))).toEqual(files);
    }
    expect(mirrors.counters.blobs).toBe(160);
    expect(mirrors.counters.processes - before).toBeLessThan(12);
  });

  it('refuses too many files and too many bytes before it reads one', async () => {
    const commit = await repo.commit({ a: 'xx', b: 'yy', c: 'zz' });
    const at = { commit, path: '' };
    await expect(mirrors.readTree(repo.url, at, { ...ALL, maxFiles: 2 })).rejects.toThrow(/3 files; at most 2/);
    await expect(mirrors.readTree(repo.url, at, { ...ALL, maxBytes: 5 })).rejects.toThrow(/6 bytes; at most 5/);
    expect(mirrors.counters.blobs).toBe(0);
    const some = await mirrors.readTree(repo.url, at, { ...ALL, maxFiles: 1, accept: (path) => path === 'b' });
    expect(some.files.map((entry) => entry.path)).toEqual(['b']);
  });

  it('says which directory or commit is missing', async () => {
    const commit = await repo.commit({ a: '1' });
    await expect(mirrors.readTree(repo.url, { commit, path: 'nope' }, ALL)).rejects.toThrow(/no directory "nope" at/);
    await expect(mirrors.ensure(repo.url, ['0123456789'.repeat(4)])).rejects.toMatchObject({
      code: 'SourceFailed',
      message: /no commit 0123/,
    });
  });

  it('builds a damaged mirror anew', async () => {
    const commit = await repo.commit({ 'd/a': 'content', 'd/b': 'other' });
    await mirrors.readTree(repo.url, { commit, path: 'd' }, ALL);
    mirrors.close();
    const [name = ''] = (await readdir(join(folder, 'mirrors'))).filter((entry) => entry.endsWith('.git'));
    const mirror = join(folder, 'mirrors', name);
    const objects = (await readdir(mirror, { recursive: true, withFileTypes: true })).filter(
      (entry) => entry.isFile() && entry.parentPath.includes('objects'),
    );
    for (const entry of objects) await truncate(join(entry.parentPath, entry.name), 0);
    const { files } = await newMirrors().readTree(repo.url, { commit, path: 'd' }, ALL);
    expect(files.map((entry) => text(entry.bytes))).toEqual(['content', 'other']);
  });

  it('keeps what it has while the remote is down', async () => {
    const commit = await repo.commit({ a: '1' });
    await mirrors.ensure(repo.url, [commit]);
    await repo.remove();
    await expect(mirrors.lsRemote(repo.url)).rejects.toMatchObject({ code: 'SourceFailed' });
    expect((await mirrors.readTree(repo.url, { commit, path: '' }, ALL)).files).toHaveLength(1);
  });
});

describe('Symlinks never leave the tree', () => {
  it('lists links and submodules as skipped and never follows them', async () => {
    await symlink('/etc', join(repo.path, 'out'));
    await symlink('real.yaml', join(repo.path, 'in.yaml'));
    const commit = await repo.commit({ 'real.yaml': 'x' });
    await repo.git('update-index', '--add', '--cacheinfo', `160000,${commit},sub`);
    await repo.git('commit', '-qm', 'submodule');
    const head = await repo.git('rev-parse', 'HEAD');
    const { files, skipped } = await mirrors.readTree(repo.url, { commit: head, path: '' }, ALL);
    expect(files.map((entry) => entry.path)).toEqual(['real.yaml']);
    expect(skipped).toEqual([
      { path: 'in.yaml', reason: 'symbolic link' },
      { path: 'out', reason: 'symbolic link' },
      { path: 'sub', reason: 'submodule' },
    ]);
    expect(await mirrors.treeOid(repo.url, head, 'out')).toBeUndefined();
    expect(await mirrors.directories(repo.url, head)).toEqual([]);
    await expect(mirrors.readTree(repo.url, { commit: head, path: 'out' }, ALL)).rejects.toThrow(/no directory/);
  });
});

describe('No shell, no alternative transport', () => {
  it.each([
    'ext::sh -c id',
    'EXT::x',
    '--upload-pack=id',
    '-u.',
    'git://host/x',
    'https://u:p@host/x',
    'file://host/x',
  ])('refuses %s before Git starts', async (url) => {
    await expect((async () => mirrors.lsRemote(url))()).rejects.toMatchObject({ code: 'SourceFailed' });
    expect(mirrors.counters.processes).toBe(0);
  });

  it.each([
    'http://example.com/x',
    'file:///srv/x',
    '/srv/x',
    'https://127.0.0.1/x',
    'https://localhost:8443/x',
    'https://169.254.169.254/x',
  ])('refuses %s unless insecure repositories are allowed', async (url) => {
    const strict = newMirrors({ allowInsecure: false });
    await expect((async () => strict.lsRemote(url))()).rejects.toThrow(/allowed/);
    expect(strict.counters.processes).toBe(0);
  });

  it.each([
    'https://0x7f000001/x',
    'https://2130706433/x',
    'https://0177.0.0.1/x',
    'https://[::1]/x',
    'https://[::ffff:127.0.0.1]/x',
    'https://127.1/x',
  ])('refuses %s, the own host in disguise', async (url) => {
    const strict = newMirrors({ allowInsecure: false });
    await expect((async () => strict.lsRemote(url))()).rejects.toThrow(/not allowed/);
  });

  it('takes nothing but full ids as commits, and no line breaks in paths', async () => {
    const commit = await repo.commit({ a: '1' });
    for (const bad of ['HEAD', '--all', 'main', commit.slice(0, 12), `${commit}^`, '']) {
      await expect(mirrors.ensure(repo.url, [bad])).rejects.toThrow(/full id/);
    }
    await expect(mirrors.treeOid(repo.url, commit, `a\n${commit}:b`)).rejects.toThrow(/control character/);
  });
});

describe('over HTTP', () => {
  let server: GitServer;
  beforeEach(async () => {
    server = await serveRepos(folder);
  });
  afterEach(() => server.close());

  it('fetches single commits, also ones that no ref names any more', async () => {
    const first = await repo.commit({ a: '1' });
    const second = await repo.commit({ a: '2' });
    const url = `${server.url}/app/.git`;
    expect((await mirrors.lsRemote(url)).get('HEAD')).toBe(second);
    await mirrors.ensure(url, [second]);
    await mirrors.ensure(url, [first]);
    expect(await mirrors.treeOid(url, first, '')).toBeDefined();
  });

  it('finds a repository whose host wants .git at its end, and remembers', async () => {
    const commit = await repo.commit({ a: '1' });
    await repo.git('clone', '-q', '--bare', repo.path, join(folder, 'bare.git'));
    server.respond = (request, response) => {
      if (request.url?.startsWith('/bare.git/') === true) return 'pass';
      response.writeHead(302, { location: `/bare.git${request.url ?? ''}` }).end();
      return 'answered';
    };
    await mirrors.ensure(`${server.url}/bare.git`, [commit]);
    await mirrors.lsRemote(`${server.url}/bare`);
    expect(mirrors.counters).toMatchObject({ fetches: 2, lsRemotes: 1 });
  });

  it('Credentials do not follow redirects: none is followed, and the message says what to do', async () => {
    const other = await serveRepos(folder);
    server.respond = (request, response) => {
      response.writeHead(301, { location: `${other.url}${request.url ?? ''}` }).end();
      return 'answered';
    };
    await expect(mirrors.lsRemote(`${server.url}/app/.git`)).rejects.toThrow(/redirects are not followed/);
    expect(other.requests).toEqual([]);
    await other.close();
  });

  it.each([
    [401, /needs credentials/],
    [404, /no repository at this address/],
    [500, /git says/],
  ])('explains status %i', async (status, message) => {
    server.respond = (_, response) => {
      response.writeHead(status, { 'www-authenticate': 'Basic' }).end();
      return 'answered';
    };
    await expect(mirrors.lsRemote(`${server.url}/app/.git`)).rejects.toThrow(message);
  });

  it('gives up at the deadline when a remote does not answer', async () => {
    server.respond = () => 'answered';
    const hasty = newMirrors({ timeoutMs: 300 });
    await expect(hasty.lsRemote(`${server.url}/app/.git`)).rejects.toThrow(/did not end in time/);
  });
});
