import { describe, expect, it } from 'vitest';
import { normaliseRepoUrl, parseRepoUrl } from './repo-url.js';

describe('normaliseRepoUrl', () => {
  it.each([
    ['https://GitHub.com/org/Repo.git', 'https://github.com/org/Repo'],
    ['https://github.com/org/Repo/', 'https://github.com/org/Repo'],
    ['HTTPS://github.com:443/org/Repo', 'https://github.com/org/Repo'],
    ['https://token@github.com/org/Repo', 'https://github.com/org/Repo'],
    ['https://git.example.com:8443/a/b.git/', 'https://git.example.com:8443/a/b'],
    ['https://[2001:DB8:0:0:0:0:0:1]/a', 'https://[2001:db8:0:0:0:0:0:1]/a'],
    ['git@github.com:org/repo.git', 'ssh://git@github.com/org/repo'],
    ['ssh://git@github.com/org/repo.git', 'ssh://git@github.com/org/repo'],
    ['ssh://git@github.com:22/org/repo', 'ssh://git@github.com/org/repo'],
    ['ssh://git@host:2222/org/repo', 'ssh://git@host:2222/org/repo'],
    ['git@host:~/repo', 'ssh://git@host/~/repo'],
    ['http://127.0.0.1:3000/r.git', 'http://127.0.0.1:3000/r'],
    ['/srv/git/app.git', 'file:///srv/git/app.git'],
    ['file:///srv/git/app.git/', 'file:///srv/git/app.git'],
    ['https://dev.azure.com/org/My%20Project/_git/x', 'https://dev.azure.com/org/My%20Project/_git/x'],
  ])('%s is %s', (given, expected) => {
    expect(normaliseRepoUrl(given)).toBe(expected);
    expect(normaliseRepoUrl(expected)).toBe(expected);
  });

  it('gives the parts', () => {
    expect(parseRepoUrl('git@GitHub.com:org/repo.git')).toEqual({
      url: 'ssh://git@github.com/org/repo',
      scheme: 'ssh',
      host: 'github.com',
      path: '/org/repo',
    });
  });
});

describe('No shell, no alternative transport', () => {
  it.each([
    '',
    'ext::sh -c touch% /tmp/x',
    'EXT::sh',
    'fd::17/foo',
    'https::https://host/x',
    '-u./payload',
    '--upload-pack=touch x',
    '--UPLOAD-PACK=x',
    'ssh://-oProxyCommand=x/path',
    'git@-oProxyCommand=x:path',
    '-oProxyCommand=x@host:path',
    'ssh://host/-x',
    'ssh://host/%2dx',
    'git://host/repo',
    'ftp://host/repo',
    'rsync://host/repo',
    'javascript:alert(1)',
    'https://user:password@host/repo',
    'ssh://git:password@host/repo',
    'https://host',
    'https://host/',
    'https:///repo',
    'https://host/../repo',
    'https://host/a/%2e%2E/repo',
    'https://host/a%00b',
    'https://host/a%0ab',
    'https://host/a%',
    'https://host/a%zz',
    'https://host/repo?x=1',
    'https://host/repo#x',
    'https://ho st/repo',
    'https://host:99999999/repo',
    'https://host\u0000/repo',
    'https://host/re\npo',
    'https://host\\evil/repo',
    'https://hоst/repo',
    'file://host/share',
    'relative/path',
    './repo',
    '../repo',
    'host:path',
    'c:repo',
    'git@host:',
    `https://host/${'a'.repeat(2_000)}`,
  ])('refuses %j', (given) => {
    expect(() => normaliseRepoUrl(given)).toThrow(/address cannot be used/);
  });

  it('never repeats the address in the refusal', () => {
    expect(() => normaliseRepoUrl('https://user:hunter2@host/repo')).not.toThrow(/hunter2/);
  });
});
