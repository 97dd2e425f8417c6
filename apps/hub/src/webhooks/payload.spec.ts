import type { JsonValue } from '@wheelwright/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventOf, parsePush, revisionsOf } from './payload.js';

const PLATFORM = [
  'http://git.example.com/org/platform',
  'https://git.example.com/org/platform',
  'ssh://git@git.example.com/org/platform',
];

describe('parsePush', () => {
  it.each<[string, JsonValue, string[]]>([
    [
      'GitHub',
      {
        ref: 'refs/heads/main',
        repository: {
          url: 'https://git.example.com/Org/Platform',
          clone_url: 'https://git.example.com/Org/Platform.git',
          ssh_url: 'git@git.example.com:Org/Platform.git',
          git_url: 'git://git.example.com/Org/Platform.git',
          default_branch: 'main',
        },
      },
      ['refs/heads/main', 'main', 'HEAD', ''],
    ],
    [
      'GitLab',
      {
        object_kind: 'push',
        ref: 'refs/heads/release',
        project: {
          default_branch: 'main',
          git_http_url: 'https://git.example.com/org/platform.git',
          git_ssh_url: 'git@git.example.com:org/platform.git',
          web_url: 'https://git.example.com/org/platform',
        },
        repository: { url: 'git@git.example.com:org/platform.git', homepage: 'https://git.example.com/org/platform' },
      },
      ['refs/heads/release', 'release'],
    ],
    [
      'Gitea',
      {
        ref: 'refs/tags/v1',
        repository: {
          html_url: 'https://git.example.com/org/platform',
          clone_url: 'https://git.example.com/org/platform.git',
          ssh_url: 'git@git.example.com:org/platform.git',
          default_branch: 'main',
        },
      },
      ['refs/tags/v1', 'v1'],
    ],
    [
      'the creation of a branch',
      {
        ref: 'topic',
        ref_type: 'branch',
        repository: { clone_url: 'https://git.example.com/org/platform.git', default_branch: 'main' },
      },
      ['refs/heads/topic', 'topic'],
    ],
    [
      'a host that names no default branch',
      { ref: 'refs/heads/x', repository: { clone_url: 'https://git.example.com/org/platform' } },
      ['refs/heads/x', 'x', 'HEAD', ''],
    ],
  ])('reads %s', (_, body, revisions) => {
    const push = parsePush(body);
    expect(push?.repoURLs).toEqual(PLATFORM);
    expect(push === undefined ? [] : revisionsOf(push)).toEqual(revisions);
  });

  it.each<[string, JsonValue]>([
    ['nothing', null],
    ['a list', []],
    ['no repository', { ref: 'refs/heads/main' }],
    ['a repository that is a text', { repository: 'x' }],
    [
      'addresses of other kinds',
      { repository: { clone_url: 1, ssh_url: null, url: { a: 1 }, html_url: 'ext::sh -c id' } },
    ],
    ['an endless text', { repository: { clone_url: `https://host/${'a'.repeat(1_000_000)}` } }],
  ])('finds no repository in %s', (_, body) => {
    expect(parsePush(body)).toBeUndefined();
  });

  it('takes a local repository as it is: it is known only where insecure ones are allowed', () => {
    expect(parsePush({ repository: { clone_url: 'file:///Repos/Fleet' } })?.repoURLs).toEqual(['file:///repos/fleet']);
  });

  it('Webhooks are hints, and hostile: no body makes the parser throw', () => {
    const url = fc.oneof(fc.string(), fc.webUrl(), fc.constant('git@host:a/b'), fc.jsonValue());
    const repository = fc.dictionary(
      fc.constantFrom('clone_url', 'ssh_url', 'url', 'default_branch', '__proto__'),
      url,
    );
    const body = fc.oneof(fc.jsonValue(), fc.record({ ref: url, ref_type: url, repository, project: repository }));
    fc.assert(
      fc.property(body, (given) => {
        const push = parsePush(given);
        if (push !== undefined) expect(revisionsOf(push).every((revision) => typeof revision === 'string')).toBe(true);
      }),
    );
  });
});

describe('eventOf', () => {
  it.each([
    [{ 'x-github-event': 'push' }, { provider: 'github', kind: 'push' }],
    [{ 'x-github-event': 'ping' }, { provider: 'github', kind: 'other' }],
    [
      { 'x-gitea-event': 'push', 'x-github-event': 'push' },
      { provider: 'gitea', kind: 'push' },
    ],
    [{ 'x-gitlab-event': 'Push Hook' }, { provider: 'gitlab', kind: 'push' }],
    [{ 'x-gitlab-event': 'Tag Push Hook' }, { provider: 'gitlab', kind: 'push' }],
    [{ 'x-gitlab-event': 'Issue Hook' }, { provider: 'gitlab', kind: 'other' }],
    [{ 'content-type': 'application/json' }, undefined],
  ])('%j is %j', (headers, expected) => {
    expect(eventOf(headers)).toEqual(expected);
  });
});
