import type { LabelSelector } from '@wheelwright/kernel';
import { describe, expect, it } from 'vitest';
import { dependenciesOf } from './dependencies.js';
import type { ApplicationSet, Generator } from './types.js';

const REPO = 'https://git.example.com/fleet.git';

function setOf(...generators: Generator[]): ApplicationSet {
  return {
    metadata: { name: 'x', namespace: 'argocd', labels: {}, annotations: {}, finalizers: [] },
    spec: { goTemplate: false, template: {}, generators },
  };
}

describe('dependenciesOf', () => {
  it('names what an expansion reads, each once', () => {
    const git = { repoURL: REPO, revision: '', directories: [{ path: 'apps/*' }, { path: 'apps/x', exclude: true }] };
    const set = setOf({ git }, { clusters: {} }, { git: { ...git, revision: 'HEAD', files: [{ path: '**/c.json' }] } });
    expect(dependenciesOf(set)).toEqual({
      clusters: [{ term: '', selector: '{}' }],
      repositories: [
        { repoURL: REPO, revision: 'HEAD', pattern: 'directories:apps/*', pointer: '/spec/generators/2/git/repoURL' },
        { repoURL: REPO, revision: 'HEAD', pattern: 'files:**/c.json', pointer: '/spec/generators/2/git/repoURL' },
      ],
      pullRequests: [],
      inputs: [],
    });
    expect(dependenciesOf(setOf({ list: {} }))).toEqual({
      clusters: [],
      repositories: [],
      pullRequests: [],
      inputs: [],
    });
  });

  it('keeps a selector under a label that it requires', () => {
    const selector = { matchLabels: { env: 'prod' }, matchExpressions: [{ key: 'tier', operator: 'Exists' as const }] };
    expect(dependenciesOf(setOf({ clusters: { selector } })).clusters).toEqual([
      {
        term: 'env=prod',
        selector: '{"matchExpressions":[{"key":"tier","operator":"Exists"}],"matchLabels":{"env":"prod"}}',
      },
    ]);
  });

  it('does not keep a selector under the label that every cluster has', () => {
    const matchLabels = { 'argocd.argoproj.io/secret-type': 'cluster', env: 'prod' };
    const terms = (selector: LabelSelector): readonly string[] =>
      dependenciesOf(setOf({ clusters: { selector } })).clusters.map(({ term }) => term);
    expect(terms({ matchLabels })).toEqual(['env=prod']);
    expect(terms({ matchLabels: { 'argocd.argoproj.io/secret-type': 'cluster' } })).toEqual(['']);
  });

  it('looks into matrix and merge; what the first child fills in is open', () => {
    const list = { list: { elements: [{ repo: REPO, env: 'prod' }] } };
    const second = (generator: Generator): ApplicationSet => setOf({ matrix: { generators: [list, generator] } });
    expect(dependenciesOf(second({ clusters: { selector: { matchLabels: { env: '{{ env }}' } } } })).clusters).toEqual([
      { term: '', selector: '' },
    ]);
    const git = { repoURL: '{{repo}}', revision: 'HEAD', directories: [{ path: 'apps/*' }] };
    expect(dependenciesOf(second({ git })).repositories).toEqual([]);
    const open = { ...git, repoURL: REPO, directories: [{ path: 'apps/{{env}}/*' }] };
    expect(dependenciesOf(second({ git: open })).repositories).toMatchObject([
      { pattern: 'directories:', pointer: '/spec/generators/0/matrix/generators/1/git/repoURL' },
    ]);
    const nested = { merge: { mergeKeys: ['a'], generators: [{ clusters: {} }, { git: { ...git, repoURL: REPO } }] } };
    expect(dependenciesOf(second(nested))).toMatchObject({
      clusters: [{ term: '', selector: '{}' }],
      repositories: [{ pattern: 'directories:apps/*' }],
    });
  });

  it('names the inputs of nested generators, in the namespace of the set', () => {
    const plugin = { plugin: { configMapRef: { name: 'costs' } } };
    expect(dependenciesOf(setOf({ matrix: { generators: [{ list: {} }, plugin] } })).inputs).toEqual([
      'ConfigMap/argocd/costs',
    ]);
  });

  it('names repositories and owners at Git hosts in lower-case', () => {
    const generators: Generator[] = [
      { pullRequest: { github: { owner: 'Acme', repo: 'Shop' } } },
      { pullRequest: { gitlab: { project: 'Acme/Sub/Shop' } } },
      { pullRequest: { gitea: { owner: 'acme', repo: 'shop', api: 'https://gitea' } } },
      { pullRequest: { bitbucketServer: { project: 'PAY', repo: 'api', api: 'https://bb' } } },
      { pullRequest: { bitbucket: { owner: 'acme', repo: 'cloud' } } },
      { pullRequest: { azuredevops: { organization: 'acme', project: 'web', repo: 'ui' } } },
      { scmProvider: { github: { organization: 'Acme' } } },
    ];
    expect(dependenciesOf(setOf(...generators)).pullRequests).toEqual([
      'acme/*',
      'acme/cloud',
      'acme/shop',
      'acme/sub/shop',
      'pay/api',
      'web/ui',
    ]);
    const open = { pullRequest: { github: { owner: 'acme', repo: '{{repo}}' } } };
    expect(dependenciesOf(setOf(open)).pullRequests).toEqual([]);
  });
});
