import { describe, expect, it } from 'vitest';
import { decideSync, failed, retryWaitMs, succeeded, terminated } from './decide.js';
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

  it('tries again after a hook that failed, though a plan shows nothing to do', () => {
    const key = { group: 'batch', kind: 'Job', namespace: 'shop', name: 'after' };
    const begun = attemptOf(decideSync(base));
    const hook = {
      startedAtMs: begun.startedAtMs,
      phase: 'PostSync',
      key,
      version: 'v1',
      uid: 'u',
      message: 'no',
      released: true,
    };
    const plan = { changes: 0, prunes: 0, desired: 3 };
    const after = (state: 'Failed' | 'Succeeded', startedAtMs = begun.startedAtMs): Decision =>
      decideSync({
        ...base,
        plan,
        nowMs: base.nowMs + 5_000,
        attempt: failed({ ...begun, failing: 'no', hooks: [{ ...hook, state, startedAtMs }] }, base.nowMs, 'no'),
      });
    expect(attemptOf(after('Failed'))).toMatchObject({ failures: 1, state: 'running' });
    expect(attemptOf(after('Failed')).failing).toBeUndefined();
    expect(after('Succeeded').kind).toBe('stay');
    expect(after('Failed', 1).kind).toBe('stay');
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

  describe('with something in the way', () => {
    const requested = { id: 'o1', requestedBy: 'ada', prune: false, dryRun: false, resources: [] };
    const closed = { allowed: false, reason: 'the deny window "x" is open', untilMs: base.nowMs + 60_000 } as const;
    const open = { allowed: true } as const;
    const freeze = { reason: 'an incident', frozenBy: 'ada' };
    const running = attemptOf(decideSync(base));

    it('blocks what would move, and nothing else', () => {
      const windows = { automated: closed, manual: closed, mayOverrun: false };
      const blocked = { kind: 'blocked', by: 'window', why: closed.reason, untilMs: closed.untilMs, refused: false };
      expect(decideSync({ ...base, windows })).toEqual(blocked);
      expect(decideSync({ ...base, windows, attempt: running })).toEqual(blocked);
      expect(decideSync({ ...base, windows, plan: { changes: 0, prunes: 0, desired: 3 } })).toEqual({ kind: 'stay' });
      expect(decideSync({ ...base, windows, policy: undefined })).toEqual({ kind: 'stay' });
      const attempt = failed(running, base.nowMs, 'no');
      expect(decideSync({ ...base, windows, attempt }).kind).toBe('wait');
      expect(decideSync({ ...base, windows, attempt, nowMs: base.nowMs + 5_000 }).kind).toBe('blocked');
    });

    it('refuses a person, unless windows let people', () => {
      const windows = { automated: closed, manual: closed, mayOverrun: true };
      expect(decideSync({ ...base, windows, requested, attempt: running })).toMatchObject({
        kind: 'blocked',
        refused: true,
      });
      expect(decideSync({ ...base, windows: { ...windows, manual: open }, requested }).kind).toBe('sync');
      expect(decideSync({ ...base, windows: { ...windows, automated: open }, requested }).kind).toBe('blocked');
    });

    it('goes on with what runs where overrun allows it, as who began it', () => {
      const windows = { automated: closed, manual: open, mayOverrun: true };
      expect(attemptOf(decideSync({ ...base, windows, attempt: running }))).toEqual(running);
      expect(decideSync({ ...base, windows, attempt: running, desiredDigest: 'd2' }).kind).toBe('blocked');
      const manual = { ...running, automated: false };
      expect(attemptOf(decideSync({ ...base, windows: { ...windows, mayOverrun: false }, attempt: manual }))).toEqual(
        manual,
      );
    });

    it('lets nothing but a dry run pass a freeze', () => {
      const windows = { automated: open, manual: open, mayOverrun: true };
      const why = 'the fleet is frozen by ada: an incident';
      expect(decideSync({ ...base, freeze, windows })).toEqual({ kind: 'blocked', by: 'freeze', why, refused: false });
      expect(decideSync({ ...base, freeze, windows, attempt: running }).kind).toBe('blocked');
      expect(decideSync({ ...base, freeze, requested })).toMatchObject({ kind: 'blocked', refused: true });
      expect(decideSync({ ...base, freeze, requested: { ...requested, dryRun: true } })).toMatchObject({
        kind: 'sync',
        dryRun: true,
      });
    });
  });
});

describe('a pause', () => {
  const pause = { reason: 'migration', pausedBy: 'ada' };

  it('blocks what would move, and pauses what runs', () => {
    expect(decideSync({ ...base, pause })).toMatchObject({ kind: 'blocked', by: 'pause', refused: false });
    const attempt = attemptOf(decideSync(base));
    expect(decideSync({ ...base, attempt, pause })).toMatchObject({ kind: 'blocked', by: 'pause' });
    expect(decideSync({ ...base, plan: { changes: 0, prunes: 0, desired: 3 }, pause })).toEqual({ kind: 'stay' });
  });
});

describe('a terminated operation', () => {
  it('is not tried again by itself, whatever its policy, until something else is declared', () => {
    const attempt = terminated(attemptOf(decideSync(base)), base.nowMs, 'ada');
    const policy = { automated: { selfHeal: true }, retry: { limit: -1 } };
    expect(decideSync({ ...base, policy, attempt, nowMs: base.nowMs + 3_600_000 })).toMatchObject({
      kind: 'stay',
      error: expect.stringContaining('terminated by ada'),
    });
    expect(attemptOf(decideSync({ ...base, policy, attempt, revision: 'c2' }))).not.toHaveProperty('terminated');
  });
});
