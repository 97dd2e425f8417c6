import { readdirSync, readFileSync } from 'node:fs';
import { gvkOf, type KubeObject } from '@wheelwright/kernel';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ignoresHealth, judge, needsBody } from './judge.js';
import { RULES } from './rules/index.js';

/** `fixtures/<group>_<Kind>/<verdict>_<case>.yaml`; the core group is called `core`. */
const ROOT = new URL('../fixtures/', import.meta.url);
const cases = readdirSync(ROOT).flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, ROOT)).map((file) => ({ folder, file, verdict: file.split('_')[0] ?? '' })),
);

function read(folder: string, file: string): KubeObject {
  return parse(readFileSync(new URL(`${folder}/${file}`, ROOT), 'utf8')) as KubeObject;
}

describe('golden cases of health', () => {
  it.each(cases)('$folder/$file', ({ folder, file, verdict }) => {
    const object = read(folder, file);
    const { group, kind } = gvkOf(object);
    expect(`${group === '' ? 'core' : group}_${kind}`).toBe(folder);
    expect(judge(object)?.status.toLowerCase()).toBe(verdict);
  });

  it.each(RULES)(
    '$group/$kind has a case for each verdict that its rule can give, and no other',
    ({ sample, verdicts, ...rule }) => {
      const { group, kind } = sample ?? rule;
      const folder = `${group === '' ? 'core' : group}_${kind}`;
      const proven = new Set(cases.filter((one) => one.folder === folder).map((one) => one.verdict));
      expect([...proven].sort()).toEqual(verdicts.map((verdict) => verdict.toLowerCase()).sort());
    },
  );
});

describe('judge', () => {
  const meta = { name: 'x', namespace: 'y' };

  it('has no opinion on a kind without a rule, unless the object is being deleted', () => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta };
    expect(judge(object)).toBeUndefined();
    expect(needsBody('', 'ConfigMap')).toBe(false);
    expect(needsBody('apps', 'Deployment')).toBe(true);
    expect(judge({ ...object, metadata: { ...meta, deletionTimestamp: '2026-01-01T00:00:00Z' } })).toEqual({
      status: 'Progressing',
      message: 'Pending deletion',
    });
  });

  it('prefers the rule of a kind to that of its group, and that to one of many groups', () => {
    const object = { apiVersion: 'pkg.crossplane.io/v1', kind: 'Provider', metadata: meta };
    expect(judge(object)?.message).toBe('the package is being installed');
    expect(judge({ ...object, kind: 'ProviderRevision' })?.message).toBe('it is being provisioned');
    expect(judge({ ...object, apiVersion: 'crossplane.io/v1' })).toBeUndefined();
    expect(needsBody('any.upbound.io', 'Anything')).toBe(true);
    expect(needsBody('upbound.io', 'Anything')).toBe(false);
  });

  it('has one rule per kind', () => {
    const kinds = RULES.map(({ group, kind }) => `${group}/${kind}`);
    expect(kinds).toHaveLength(new Set(kinds).size);
    expect(kinds.length).toBeGreaterThan(150);
  });

  it('judges a hook that is being deleted, and its waiting containers, by how it ends', () => {
    const waiting = { name: 'a', state: { waiting: { reason: 'ImagePullBackOff' } } };
    const object = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...meta,
        deletionTimestamp: 'now',
        annotations: { 'argocd.argoproj.io/ignore-restart-policy': 'true' },
      },
      spec: { restartPolicy: 'Never' },
      status: { phase: 'Succeeded', containerStatuses: [waiting] },
    };
    expect(judge(object, { hook: true })?.status).toBe('Healthy');
  });

  it.each([null, 7, 'x', [], [null], { conditions: [null, 7] }, { conditions: 'x', containerStatuses: [[]] }])(
    'survives a hostile status: %j',
    (status) => {
      for (const { group, kind } of RULES) {
        const object = { apiVersion: group === '' ? 'v1' : `${group}/v1`, kind, metadata: meta, spec: status, status };
        expect(judge(object)).toBeDefined();
      }
    },
  );

  it('knows who asks not to count', () => {
    const annotated = { ...meta, annotations: { 'argocd.argoproj.io/ignore-healthcheck': 'true' } };
    expect(ignoresHealth({ apiVersion: 'v1', kind: 'Pod', metadata: annotated })).toBe(true);
    expect(ignoresHealth({ apiVersion: 'v1', kind: 'Pod', metadata: meta })).toBe(false);
  });
});
