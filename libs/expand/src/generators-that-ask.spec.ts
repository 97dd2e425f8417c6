import { compileGoTemplate } from '@wheelwright/go-template';
import type { ClusterView } from '@wheelwright/registry';
import { describe, expect, it } from 'vitest';
import { factKey, FactReader, type FactAnswer, type FactRequest } from './facts.js';
import { compileFlatText } from './flat-template.js';
import { decisionsRequest, generateDecisions } from './generate-decisions.js';
import { generatePlugin, pluginRequest } from './generate-plugin.js';
import { generatePullRequest, pullRequestsRequest } from './generate-pull-request.js';
import { generateScmProvider, repositoriesRequest } from './generate-scm-provider.js';
import type { GeneratorContext } from './params.js';

const set = { name: 'set', namespace: 'argocd' };

function contextOf(mode: 'flat' | 'go', facts: readonly (readonly [FactRequest, FactAnswer])[]): GeneratorContext {
  return {
    pointer: '/spec/generators/0/x',
    set,
    mode,
    facts: new FactReader(new Map(facts.map(([request, answer]) => [factKey(request), answer]))),
    render: (text, params) =>
      mode === 'flat' ? compileFlatText(text).render(params) : compileGoTemplate(text).execute(params),
  };
}

describe('scmProvider', () => {
  const generator = {
    github: { organization: 'acme' },
    values: { name: '{{organization}}/{{branch}}', again: '{{values.name}}' },
  };
  const request = repositoriesRequest(generator, 'argocd');
  const answer = {
    repositories: [
      {
        organization: 'acme',
        repository: 'web',
        repositoryId: '12',
        url: 'git@github.com:acme/web.git',
        branch: 'Feature/A',
        sha: '0123456789abcdef',
        labels: ['a', 'b'],
      },
    ],
  };
  const params = {
    organization: 'acme',
    repository: 'web',
    repository_id: '12',
    url: 'git@github.com:acme/web.git',
    branch: 'Feature/A',
    sha: '0123456789abcdef',
    short_sha: '01234567',
    short_sha_7: '0123456',
    labels: 'a,b',
    branchNormalized: 'feature-a',
  };

  it('gives the names of the peer in flat mode; one value cannot see another', () => {
    expect(generateScmProvider(generator, contextOf('flat', [[request, answer]])).sets).toEqual([
      { ...params, 'values.name': 'acme/Feature/A', 'values.again': '{{values.name}}' },
    ]);
  });

  it('gives values as a map in go mode', () => {
    const values = { name: '{{.organization}}/{{.branch}}' };
    const produced = generateScmProvider({ ...generator, values }, contextOf('go', [[request, answer]]));
    expect(produced.sets).toEqual([{ ...params, values: { name: 'acme/Feature/A' } }]);
    expect(produced.vocabulary.produces('values.name')).toBe(true);
    expect(produced.vocabulary.produces('path')).toBe(false);
  });

  it('asks once for generators that differ in what the answer does not depend on', () => {
    const context = contextOf('flat', []);
    expect(generateScmProvider(generator, context).sets).toEqual([]);
    generateScmProvider({ github: { organization: 'acme' }, requeueAfterSeconds: 5 }, context);
    expect(context.facts.missing).toEqual([
      { kind: 'repositories', namespace: 'argocd', generator: { github: { organization: 'acme' } } },
    ]);
  });
});

describe('pullRequest', () => {
  const generator = { github: { owner: 'acme', repo: 'web' }, filters: [{ branchMatch: '^feature/' }] };
  const request = pullRequestsRequest(generator, 'argocd');
  const fact = {
    number: 7,
    title: 'Title',
    branch: 'feature/Great_Thing',
    targetBranch: 'release/1.0',
    headSha: 'fedcba9876543210',
    author: 'me',
    labels: ['preview', 'x'],
  };
  const answer = { pullRequests: [fact, { ...fact, number: 8, branch: 'main' }] };
  const params = {
    number: '7',
    title: 'Title',
    branch: 'feature/Great_Thing',
    branch_slug: 'feature-great-thing',
    target_branch: 'release/1.0',
    target_branch_slug: 'release-1-0',
    head_sha: 'fedcba9876543210',
    head_short_sha: 'fedcba98',
    head_short_sha_7: 'fedcba9',
    author: 'me',
  };

  it('filters, and gives no labels in flat mode', () => {
    expect(generatePullRequest(generator, contextOf('flat', [[request, answer]])).sets).toEqual([params]);
  });

  it('gives labels as a list in go mode', () => {
    const values = { n: '{{.number}}' };
    expect(generatePullRequest({ ...generator, values }, contextOf('go', [[request, answer]])).sets).toEqual([
      { ...params, labels: ['preview', 'x'], values: { n: '7' } },
    ]);
  });

  it('takes a hash that is shorter than its short forms', () => {
    const short = { pullRequests: [{ ...fact, headSha: 'abc' }] };
    expect(generatePullRequest(generator, contextOf('flat', [[request, short]])).sets[0]).toMatchObject({
      head_sha: 'abc',
      head_short_sha: 'abc',
      head_short_sha_7: 'abc',
    });
  });
});

describe('clusterDecisionResource', () => {
  const generator = {
    configMapRef: 'placement',
    name: 'web',
    values: { tier: '{{name}}' },
  };
  const request = decisionsRequest(generator, 'argocd');
  const cluster = (name: string, server: string): ClusterView => ({
    id: name as ClusterView['id'],
    name,
    server,
    project: '',
    state: 'Connected',
    namespaces: [],
    labels: {},
    annotations: {},
  });
  const answer = {
    matchKey: 'clusterName',
    entries: [
      { clusterName: 'one', reason: '', weight: 11223344, gone: null },
      { clusterName: 'unknown' },
      { other: 'one' },
      { clusterName: 'two', name: 'renamed' },
    ],
    clusters: [cluster('one', 'https://one'), cluster('two', 'https://two'), cluster('one', 'https://a-one')],
  };

  it('matches by name, takes every key as a text and leaves values as they stand', () => {
    const { sets, issues } = generateDecisions(generator, contextOf('flat', [[request, answer]]));
    expect(sets).toEqual([
      {
        name: 'one',
        server: 'https://a-one',
        clusterName: 'one',
        reason: '',
        weight: '1.1223344e+07',
        'values.tier': '{{name}}',
      },
      { name: 'renamed', server: 'https://two', clusterName: 'two', 'values.tier': '{{name}}' },
    ]);
    expect(issues).toMatchObject([
      { code: 'UnmatchedDecision', message: expect.stringContaining('unknown') as string },
    ]);
  });

  it('gives values as a map in go mode', () => {
    const { sets } = generateDecisions(generator, contextOf('go', [[request, answer]]));
    expect(sets[1]).toEqual({
      name: 'renamed',
      server: 'https://two',
      clusterName: 'two',
      values: { tier: '{{name}}' },
    });
  });

  it('produces nothing before the answer is there', () => {
    const context = contextOf('flat', []);
    expect(generateDecisions(generator, context).sets).toEqual([]);
    expect(context.facts.missing).toEqual([request]);
  });
});

describe('plugin', () => {
  const generator = {
    configMapRef: { name: 'plugin' },
    input: { parameters: { key: 'v', map: { a: 1 } } },
    values: { from: '{{key2.key2_1}}' },
  };
  const request = pluginRequest(generator, set);
  const answer = {
    parameters: [
      {
        key1: 'val1',
        key2: { key2_1: 'val2_1', list: [1, true] },
        key3: 11223344,
        none: {},
        generator: 'mine',
        values: 'mine',
      },
    ],
  };
  const input = { generator: { input: { parameters: { key: 'v', map: { a: 1 } } } } };

  it('flattens in flat mode, and keeps the reserved names', () => {
    expect(generatePlugin(generator, contextOf('flat', [[request, answer]])).sets).toEqual([
      {
        key1: 'val1',
        'key2.key2_1': 'val2_1',
        'key2.list.0': '1',
        'key2.list.1': 'true',
        key3: '1.1223344e+07',
        ...input,
        values: 'mine',
        'values.from': 'val2_1',
      },
    ]);
  });

  it('takes objects as they are in go mode', () => {
    const values = { from: '{{.key2.key2_1}}/{{.generator.input.parameters.map.a}}' };
    const produced = generatePlugin({ ...generator, values }, contextOf('go', [[request, answer]]));
    expect(produced.sets).toEqual([{ ...answer.parameters[0], ...input, values: { from: 'val2_1/1' } }]);
    expect(produced.vocabulary.produces('key2.key2_1')).toBe(true);
    expect(produced.vocabulary.produces('generator.input.parameters.key')).toBe(true);
    expect(produced.vocabulary.produces('missing')).toBe(false);
  });

  it('asks with empty parameters where none are given', () => {
    const context = contextOf('go', []);
    generatePlugin({ configMapRef: { name: 'plugin' } }, context);
    expect(context.facts.missing).toEqual([
      { kind: 'plugin', namespace: 'argocd', set: 'set', configMap: 'plugin', parameters: {} },
    ]);
  });
});
