import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { applicationSets, labelsOf, repositoryFiles, workloadDigest } from './workload.js';

const flags = { clusters: 3, apps: 4, objects: 10, seed: 1, workers: 1, sweep: '60s' };

describe('repositoryFiles', () => {
  it('makes as many objects as asked for, all of them YAML of one object', () => {
    for (const objects of [1, 2, 10]) {
      const files = repositoryFiles({ ...flags, objects });
      expect(files.size).toBe(4 * objects);
      for (const content of files.values()) expect(parse(content)).toHaveProperty('metadata.name');
    }
  });

  it('depends on the seed and on nothing else', () => {
    const digest = (seed: number): string => workloadDigest(repositoryFiles({ ...flags, seed }));
    expect(digest(1)).toBe(digest(1));
    expect(digest(1)).not.toBe(digest(2));
  });
});

describe('applicationSets', () => {
  it('makes one set per directory that selects every spoke', () => {
    const sets = applicationSets(flags, 'file:///fleet').map((text) => parse(text) as { metadata: { name: string } });
    expect(sets.map(({ metadata }) => metadata.name)).toEqual(['app-001', 'app-002', 'app-003', 'app-004']);
    expect(labelsOf(0)).toMatchObject({ bench: 'fleet' });
  });
});
