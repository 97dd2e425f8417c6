import { describe, expect, it } from 'vitest';
import { rowsBetween } from './database.js';
import { recordFileName, recordSchema, rowsIn, type Costs, type FleetRecord } from './record.js';
import { compare, METRICS, reportOf, select } from './report.js';

const costs: Costs = {
  wallSeconds: 1,
  cpuSeconds: { hub: 1, worker: 2, postgres: 1 },
  productCpuSeconds: 4,
  walBytes: 10,
  requests: { list: 4, total: 4 },
  rows: {},
};
const spread = { count: 1, min: 5, p50: 5, p99: 5, max: 5 };

function record(startedAt: string, convergeSeconds: number, clusters = 10): FleetRecord {
  return {
    schema: 1,
    experiment: 'fleet',
    startedAt,
    flags: { clusters, apps: 5, objects: 10, seed: 1, workers: 1, sweep: '60s' },
    machine: { cores: 2, model: 'a processor', memoryBytes: 1, system: 'linux', loadBefore: 0 },
    versions: { node: '24', postgres: '18', commit: 'abc' },
    settings: {},
    phases: {
      firstConvergence: {
        costs,
        registerSeconds: 1,
        convergeSeconds,
        applicationsPerSecond: 50 / convergeSeconds,
        requestsPerApplication: { total: 12 },
        cpuMsPerApplication: 80,
        rowsPerApplication: 20,
        walBytesPerApplication: 2048,
        memoryBytes: { hub: 1 },
      },
      idleSweep: {
        costs,
        sweepsOfSpokes: 10,
        requestsPerSpoke: { total: 4 },
        cpuMsPerApplicationAndSweep: 1,
        cpuMsPerApplicationAndHour: 60,
        rowsOfUnchanged: 0,
      },
      commitToLive: {
        costs,
        changedApplications: 10,
        perClusterMs: spread,
        renders: 1,
        requestsPerChangedApplication: 3,
        rowsPerChangedApplication: 9,
        walBytesPerChangedApplication: 4096,
      },
      driftToRepair: { costs, perSpokeMs: spread },
      queries: { fleetMs: spread, pageMs: spread, pageBytes: 9 },
      end: { memoryBytes: { hub: 1_048_576 }, peakResidentBytes: {}, databaseBytes: 1 },
    },
    violations: [],
  };
}

describe('a record', () => {
  it('is read back as it was written', () => {
    const written = record('2026-01-01T00:00:00.000Z', 4);
    expect(recordSchema.parse(JSON.parse(JSON.stringify(written)))).toEqual(written);
  });

  it('has a file of its own, however many there are on one day', () => {
    const one = record('2026-01-01T10:00:00.000Z', 4);
    const taken = new Set(['2026-01-01-fleet-10x5x10.json', '2026-01-01-fleet-10x5x10-2.json']);
    expect(recordFileName(one, new Set())).toBe('2026-01-01-fleet-10x5x10.json');
    expect(recordFileName(one, taken)).toBe('2026-01-01-fleet-10x5x10-3.json');
  });
});

describe('the report', () => {
  it('compares the newest run with those of the same flags only', () => {
    const runs = [
      record('2026-01-03T00:00:00Z', 8),
      record('2026-01-01T00:00:00Z', 4),
      record('2026-01-02T00:00:00Z', 1, 99),
    ];
    const found = select(runs);
    expect(found?.newest.startedAt).toBe('2026-01-03T00:00:00Z');
    expect(found?.earlier.map(({ startedAt }) => startedAt)).toEqual(['2026-01-01T00:00:00Z']);
  });

  it('gives the ratio to the median of the earlier ones', () => {
    const earlier = [2, 4, 100].map((seconds) => record('2026-01-01T00:00:00Z', seconds));
    const [convergence] = compare(record('2026-01-02T00:00:00Z', 8), earlier);
    expect(convergence).toEqual({
      name: 'first convergence',
      unit: 's',
      newest: 8,
      previous: 100,
      median: 4,
      ratio: 2,
    });
  });

  it('has no ratio to nothing: neither without earlier runs nor where they had 0', () => {
    const ratios = compare(record('2026-01-02T00:00:00Z', 8), [record('2026-01-01T00:00:00Z', 8)]);
    expect(ratios.find(({ name }) => name === 'idle sweep, rows of unchanged apps')?.ratio).toBeUndefined();
    expect(compare(record('2026-01-02T00:00:00Z', 8), []).every(({ ratio }) => ratio === undefined)).toBe(true);
  });

  it('prints one line per metric, and says what is broken', () => {
    const broken = { ...record('2026-01-02T00:00:00Z', 8), violations: ['it wrote rows'] };
    const text = reportOf([broken]);
    expect(text.split('\n')).toHaveLength(2 + 1 + 1 + 1 + METRICS.length);
    expect(text).toContain('BROKEN: it wrote rows');
    expect(reportOf([])).toContain('no records yet');
  });
});

describe('rows', () => {
  it('are the difference of two readings, without the tables that stood still', () => {
    const before = { a: { inserted: 1, updated: 1, deleted: 0 }, b: { inserted: 5, updated: 0, deleted: 0 } };
    const after = { a: { inserted: 3, updated: 1, deleted: 1 }, b: { inserted: 5, updated: 0, deleted: 0 } };
    const between = rowsBetween(before, after);
    expect(between).toEqual({ a: { inserted: 2, updated: 0, deleted: 1 } });
    expect(rowsIn(between, (table) => table === 'a')).toBe(3);
  });
});
