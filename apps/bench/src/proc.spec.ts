import { describe, expect, it } from 'vitest';
import { parseKilobytes, parseStat, treesOf, type ProcessStat } from './proc.js';

const LINE = '42 (a (strange) name) S 7 42 42 0 -1 4194304 900 0 0 0 250 50 30 20 20 0 11 0 12345 1000 200';

const stat = (pid: number, parent: number): ProcessStat => ({ pid, parent, cpuSeconds: 1, endedChildrenSeconds: 0 });

describe('parseStat', () => {
  it('counts fields from the last bracket of the name', () => {
    expect(parseStat(LINE)).toEqual({ pid: 42, parent: 7, cpuSeconds: 3, endedChildrenSeconds: 0.5 });
  });

  it('answers nothing for a process that is gone', () => {
    expect(parseStat('')).toBeUndefined();
  });
});

describe('treesOf', () => {
  it('takes children of children, each once, and nobody else', () => {
    const all = [stat(1, 0), stat(2, 1), stat(3, 2), stat(4, 1), stat(5, 0)];
    const pids = (roots: readonly number[]): number[] => treesOf(all, roots).map(({ pid }) => pid);
    expect(pids([2])).toEqual([2, 3]);
    expect(new Set(pids([1, 2]))).toEqual(new Set([1, 2, 3, 4]));
    expect(pids([9])).toEqual([]);
  });
});

describe('parseKilobytes', () => {
  it('reads the named line only', () => {
    const text = 'Rss:              2048 kB\nPss:              1024 kB\nPss_Dirty:         512 kB\n';
    expect([parseKilobytes(text, 'Pss'), parseKilobytes(text, 'Swap')]).toEqual([1_048_576, 0]);
  });
});
