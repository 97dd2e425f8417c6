import type { ApplicationSet } from '@wheelwright/intent';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Expansion } from './index.js';
import { expandIn } from './testing/answer-facts.js';
import { readSetFixture } from './testing/read-set.js';

const REPO = 'https://github.com/example/fleet.git';
const SET: ApplicationSet = readSetFixture({
  metadata: { name: 'all' },
  spec: {
    generators: [
      { clusters: { selector: { matchLabels: { env: 'prod' } }, values: { where: '{{metadata.labels.env}}' } } },
      { git: { repoURL: REPO, revision: 'HEAD', directories: [{ path: '*' }, { path: 'x*', exclude: true }] } },
    ],
    template: {
      metadata: { name: '{{nameNormalized}}{{path.basenameNormalized}}' },
      spec: {
        project: 'default',
        source: { repoURL: REPO, path: '.' },
        destination: { name: 'in-cluster', namespace: '{{values.where}}' },
      },
    },
  },
});

const word = fc.stringMatching(/^[a-zA-Z0-9_.x-]{1,8}$/);
const cluster = fc.record({ name: word, server: word, env: fc.constantFrom('prod', 'lab') });
const world = fc.record({
  clusters: fc.array(cluster, { maxLength: 12 }),
  directories: fc.array(word, { maxLength: 12 }),
});

interface SmallWorld {
  readonly clusters: readonly { name: string; server: string; env: string }[];
  readonly directories: readonly string[];
}

function expandAll({ clusters, directories }: SmallWorld, set = SET): Expansion {
  const result = expandIn(set, {
    clusters: clusters.map(({ name, server, env }) => ({ name, server: `https://${server}`, labels: { env } })),
    trees: { [`${REPO}#HEAD`]: directories },
  });
  if (result.kind === 'needs') throw new Error('the world answers everything');
  return result.expansion;
}

describe('expand', () => {
  it('does not depend on the order of clusters and directories', () => {
    const distinct = world.map(({ clusters, directories }) => ({
      clusters: [...new Map(clusters.map((each) => [each.server, each])).values()],
      directories: [...new Set(directories)],
    }));
    fc.assert(
      fc.property(distinct, (value) => {
        const reversed = { clusters: [...value.clusters].reverse(), directories: [...value.directories].reverse() };
        expect(expandAll(reversed)).toEqual(expandAll(value));
      }),
    );
  });

  it('answers Applications sorted by name, each name once', () => {
    fc.assert(
      fc.property(world, (value) => {
        const names = expandAll(value).applications.map(({ application }) => application.metadata.name);
        expect(names).toEqual([...new Set(names)].sort());
      }),
    );
  });

  it('lists at most a hundred issues and counts the others', () => {
    const clusters = Array.from({ length: 200 }, (_, index) => ({
      name: `Not_${String(index)}`,
      server: `s${String(index)}`,
      env: 'prod',
    }));
    const set = { ...SET, spec: { ...SET.spec, template: { ...SET.spec.template, metadata: { name: '{{name}}' } } } };
    const { issues } = expandAll({ clusters, directories: ['a'] }, set);
    expect(issues).toHaveLength(101);
    expect(issues.at(-1)?.code).toBe('MoreIssues');
  });

  it('expands 500 clusters in well under a second', () => {
    const clusters = Array.from({ length: 500 }, (_, index) => ({
      name: `c${String(index)}`,
      server: `s${String(index)}`,
      env: 'prod',
    }));
    const started = performance.now();
    expect(expandAll({ clusters, directories: [] }).applications).toHaveLength(500);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('refuses a set that comes to more Applications than the limit, and says how many', () => {
    const elements = Array.from({ length: 300 }, (_, index) => ({ name: `a${String(index)}` }));
    const others = elements.map(({ name }) => ({ other: name }));
    const generators = [{ matrix: { generators: [{ list: { elements } }, { list: { elements: others } }] } }];
    const set = { ...SET, spec: { ...SET.spec, generators } };
    expect(() => expandAll({ clusters: [], directories: [] }, set)).toThrow(/comes to 90000 Applications, and 50000/);
  });

  it('refuses a set whose matrix has no end', () => {
    const elements = Array.from({ length: 1_000 }, (_, index) => ({ name: `a${String(index)}` }));
    const others = elements.map(({ name }) => ({ other: name }));
    const generators = [{ matrix: { generators: [{ list: { elements } }, { list: { elements: others } }] } }];
    const set = { ...SET, spec: { ...SET.spec, generators } };
    expect(() => expandAll({ clusters: [], directories: [] }, set)).toThrow(/more than 200000 parameter sets/);
  });

  it('refuses a set whose Applications come to more text than the limit', () => {
    const elements = Array.from({ length: 100 }, (_, index) => ({ name: `a${String(index)}` }));
    const template = {
      ...SET.spec.template,
      metadata: { name: '{{name}}', annotations: { big: 'x'.repeat(1_000_000) } },
    };
    const set = { ...SET, spec: { ...SET.spec, generators: [{ list: { elements } }], template } };
    expect(() => expandAll({ clusters: [], directories: [] }, set)).toThrow(/more than 64 MiB of text/);
  });

  it('refuses a set that asks for facts without end', () => {
    const elements = Array.from({ length: 6_000 }, (_, index) => ({ rev: `v${String(index)}` }));
    const git = { repoURL: REPO, revision: '{{rev}}', directories: [{ path: '*' }] };
    const generators = [{ matrix: { generators: [{ list: { elements } }, { git }] } }];
    const set = { ...SET, spec: { ...SET.spec, generators } };
    expect(() => expandAll({ clusters: [], directories: [] }, set)).toThrow(/ask for 6000 different facts/);
  });

  it.each(['flat', 'go'] as const)('expands to 10,000 Applications within seconds (%s)', (mode) => {
    const clusters = Array.from({ length: 500 }, (_, index) => ({
      name: `c${String(index)}`,
      server: `s${String(index)}`,
      env: 'prod',
    }));
    const elements = Array.from({ length: 20 }, (_, index) => ({ app: `app-${String(index)}` }));
    const selector = { matchLabels: { env: 'prod' } };
    const generators = [{ matrix: { generators: [{ clusters: { selector } }, { list: { elements } }] } }];
    const tag = (name: string): string => (mode === 'go' ? `{{.${name}}}` : `{{${name}}}`);
    const template = {
      metadata: { name: `${tag('name')}-${tag('app')}`, labels: { env: tag('metadata.labels.env') } },
      spec: {
        project: 'default',
        source: { repoURL: REPO, path: `apps/${tag('app')}` },
        destination: { server: tag('server'), namespace: tag('app') },
      },
    };
    const set = { ...SET, spec: { ...SET.spec, goTemplate: mode === 'go', generators, template } };
    const started = process.cpuUsage();
    expect(expandAll({ clusters, directories: [] }, set).applications).toHaveLength(10_000);
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1_000).toBeLessThan(5_000);
  });
});
