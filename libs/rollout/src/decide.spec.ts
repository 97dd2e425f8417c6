import { describe, expect, it } from 'vitest';
import { decideSync, failed, retryWaitMs, succeeded } from './decide.js';
import type { Attempt, DecideInput, Decision } from './types.js';

const base: DecideInput = {
  policy: { automated: {} },
  revision: 'c1',
  desiredDigest: 'd1',
  plan: { changes: 1, prunes: 0, desired: 3 },
  attempt: undefined,
  requested: undefined,
  nowMs: 1_000_000,
};

function attemptOf(decision: Decision): Attempt {
  if (decision.kind !== 'sync') throw new Error(`expected sync, got ${JSON.stringify(decision)}`);
  return decision.attempt;
}

describe('decideSync', () => {
  it('stays without automation, and moves with it', () => {
    expect(decideSync({ ...base, policy: undefined }).kind).toBe('stay');
    expect(decideSync({ ...base, policy: { automated: { enabled: false } } }).kind).toBe('stay');
    expect(attemptOf(decideSync(base))).toMatchObject({ automated: true, initiatedBy: 'automated', state: 'running' });
  });

  it('does nothing for a plan that only prunes, unless pruning is on', () => {
    const plan = { changes: 0, prunes: 2, desired: 1 };
    expect(decideSync({ ...base, plan })).toEqual({ kind: 'stay' });
    expect(attemptOf(decideSync({ ...base, plan, policy: { automated: { prune: true } } })).prune).toBe(true);
  });

  it('refuses to wipe out everything unless allowEmpty says so', () => {
    const plan = { changes: 0, prunes: 2, desired: 0 };
    expect(decideSync({ ...base, plan, policy: { automated: { prune: true } } })).toMatchObject({
      kind: 'stay',
      error: /wipe out all/,
    });
    expect(decideSync({ ...base, plan, policy: { automated: { prune: true, allowEmpty: true } } }).kind).toBe('sync');
  });

  it('tries a failed revision again after 5, 10, 20 s, and not for ever', () => {
    let attempt = failed(attemptOf(decideSync(base)), base.nowMs, 'no');
    expect(decideSync({ ...base, attempt })).toMatchObject({ kind: 'wait', untilMs: base.nowMs + 5_000 });
    expect(decideSync({ ...base, attempt, nowMs: base.nowMs + 5_000 }).kind).toBe('sync');
    attempt = failed(attempt, base.nowMs, 'no');
    expect(decideSync({ ...base, attempt })).toMatchObject({ untilMs: base.nowMs + 10_000 });
    for (let n = 0; n < 4; n += 1) attempt = failed(attempt, base.nowMs, 'no');
    expect(decideSync({ ...base, attempt, nowMs: base.nowMs + 1e9 })).toMatchObject({
      kind: 'stay',
      error: /retries are used up: no/,
    });
    expect(decideSync({ ...base, attempt, revision: 'c2' }).kind).toBe('sync');
    expect(
      decideSync({ ...base, attempt, policy: { automated: {}, retry: { limit: -1 } }, nowMs: base.nowMs + 1e9 }).kind,
    ).toBe('sync');
  });

  it('caps the wait of a retry', () => {
    expect(retryWaitMs(undefined, 30)).toBe(180_000);
    expect(retryWaitMs({ backoff: { duration: '1s', factor: 3, maxDuration: '1m' } }, 2)).toBe(9_000);
  });

  it('repairs drift at once, then backs off, then forgets', () => {
    const synced = succeeded(attemptOf(decideSync(base)), base.nowMs);
    expect(decideSync({ ...base, attempt: synced })).toEqual({ kind: 'stay' });
    const heal: DecideInput = { ...base, policy: { automated: { selfHeal: true } }, attempt: synced };
    const first = succeeded(attemptOf(decideSync(heal)), base.nowMs);
    expect(first.heals).toBe(1);
    expect(decideSync({ ...heal, attempt: first })).toMatchObject({ kind: 'wait', untilMs: base.nowMs + 2_000 });
    const second = succeeded(attemptOf(decideSync({ ...heal, attempt: first, nowMs: base.nowMs + 2_000 })), base.nowMs);
    expect(decideSync({ ...heal, attempt: second })).toMatchObject({ untilMs: base.nowMs + 6_000 });
    expect(attemptOf(decideSync({ ...heal, attempt: second, nowMs: base.nowMs + 330_000 })).heals).toBe(1);
  });

  it('continues a running attempt, and lets a person move what automation may not', () => {
    const running = attemptOf(decideSync(base));
    expect(attemptOf(decideSync({ ...base, policy: undefined, attempt: running }))).toEqual(running);
    const requested = { id: 'o1', requestedBy: 'ada', prune: true, dryRun: false, resources: [] };
    expect(attemptOf(decideSync({ ...base, policy: undefined, requested }))).toMatchObject({
      automated: false,
      initiatedBy: 'ada',
      prune: true,
    });
  });
});
