import { expect, it } from 'vitest';
import { inputRefsOf, inputSubject } from './input-refs.js';

it('names the Secrets and ConfigMaps of every generator once, in order', () => {
  const tokenRef = { secretName: 'token', key: 'a' };
  const refs = inputRefsOf({
    scmProvider: {
      bitbucketServer: {
        project: 'p',
        api: 'https://git.example.com',
        basicAuth: { username: 'u', passwordRef: { secretName: 'password', key: 'p' } },
        caRef: { configMapName: 'ca', key: 'cert' },
      },
    },
    pullRequest: { github: { owner: 'o', repo: 'r', tokenRef, appSecretName: 'app' } },
    clusterDecisionResource: { configMapRef: 'placement', name: 'a' },
    plugin: { configMapRef: { name: 'placement' } },
  });
  expect(refs.map((ref) => inputSubject(ref, 'argocd'))).toEqual([
    'ConfigMap/argocd/ca',
    'ConfigMap/argocd/placement',
    'Secret/argocd/app',
    'Secret/argocd/password',
    'Secret/argocd/token',
  ]);
});

it('says that any Secret may be meant where another generator fills in its name', () => {
  const tokenRef = { secretName: '{{team}}-token', key: 'a' };
  expect(inputRefsOf({ pullRequest: { gitlab: { project: 'p', tokenRef } } })).toEqual([{ kind: 'Secret', name: '' }]);
});

it('names nothing for generators that read no inputs', () => {
  expect(inputRefsOf({ list: {}, clusters: {}, pullRequest: { github: { owner: 'o', repo: 'r' } } })).toEqual([]);
});
