import { describe, expect, it } from 'vitest';
import { addressPolicy, guardedLookup } from './addresses.js';
import { Breaker } from './breaker.js';
import { discoveryOf, parseAggregated, parseGroupVersions, parseResourceList } from './discovery.js';
import { AdaptiveWindow } from './window.js';

const never = new AbortController().signal;

describe('the concurrency window', () => {
  it('admits in order, and gives up a place in the queue with the signal', async () => {
    const window = new AdaptiveWindow({ start: 1 });
    await window.acquire(never);
    const order: string[] = [];
    const controller = new AbortController();
    const first = window.acquire(never).then(() => order.push('first'));
    const second = window.acquire(controller.signal).catch(() => order.push('gave up'));
    const third = window.acquire(never).then(() => order.push('third'));
    controller.abort();
    await second;
    window.release();
    await first;
    window.release();
    await third;
    expect(order).toEqual(['gave up', 'first', 'third']);
    expect(window.inFlight).toBe(1);
    expect(window.waiting).toBe(0);
  });

  it('grows by one per window of quick answers in full use, up to its limit', async () => {
    const window = new AdaptiveWindow({ start: 2, max: 3 });
    for (let slot = 0; slot < 2; slot += 1) await window.acquire(never);
    for (let answer = 0; answer < 2; answer += 1) window.answered('get', 5, answer);
    expect(window.size).toBe(3);
    await window.acquire(never);
    for (let answer = 0; answer < 20; answer += 1) window.answered('get', 5, answer);
    expect(window.size).toBe(3);
  });

  it('does not grow while it is not in full use', async () => {
    const window = new AdaptiveWindow({ start: 4 });
    await window.acquire(never);
    for (let answer = 0; answer < 50; answer += 1) window.answered('get', 5, answer);
    expect(window.size).toBe(4);
  });

  it('shrinks once per burst of slow answers, failures or throttling, and never below its least', () => {
    const window = new AdaptiveWindow({ start: 8 });
    window.answered('get', 5, 0);
    window.answered('get', 500, 1);
    window.answered('get', 500, 2);
    expect(window.size).toBe(5);
    for (let round = 1; round < 20; round += 1) window.failed(round * 1_000);
    expect(window.size).toBe(1);
  });

  it('judges each verb by its own usual time', () => {
    const window = new AdaptiveWindow({ start: 8 });
    window.answered('get', 5, 0);
    window.answered('list', 900, 1_000);
    window.answered('list', 950, 2_000);
    expect(window.size).toBe(8);
  });
});

describe('the circuit breaker', () => {
  it('opens at the threshold, probes one call at a time, doubles its pause, closes on an answer', () => {
    const breaker = new Breaker({ firstPauseMs: 1_000, longestPauseMs: 3_000, random: () => 0.5 });
    const pass = breaker.admit(0);
    expect(pass.kind).toBe('pass');
    for (let failure = 0; failure < 3; failure += 1) breaker.failed(0, pass);
    expect(breaker.admit(999)).toEqual({ kind: 'refused', retryAfterMs: 1 });
    const probe = breaker.admit(1_000);
    expect(probe.kind).toBe('probe');
    expect(breaker.admit(1_000).kind).toBe('refused');
    breaker.failed(1_000, probe);
    expect(breaker.admit(2_999).kind).toBe('refused');
    const second = breaker.admit(3_000);
    breaker.failed(3_000, second);
    expect(breaker.pauseMs(3_000)).toBe(3_000);
    const third = breaker.admit(6_000);
    breaker.abandoned(third);
    expect(breaker.admit(6_000).kind).toBe('probe');
    breaker.succeeded();
    expect(breaker.admit(6_000).kind).toBe('pass');
  });

  it('counts failures in a row only', () => {
    const breaker = new Breaker();
    for (let round = 0; round < 10; round += 1) {
      breaker.failed(0, { kind: 'pass' });
      breaker.failed(0, { kind: 'pass' });
      breaker.succeeded();
    }
    expect(breaker.admit(0).kind).toBe('pass');
  });
});

describe('the address policy (SSRF corpus)', () => {
  const policy = addressPolicy();
  it.each([
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '169.254.169.254',
    '100.100.100.200',
    '192.0.0.192',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '0:0:0:0:0:0:0:1',
    'fe80::1',
    'febf::1%eth0',
    'ff02::1',
    'fd00:ec2::254',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '0:0:0:0:0:ffff:a9fe:a9fe',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    'not-an-address',
  ])('refuses %s', (address) => {
    expect(policy(address)).toBeDefined();
  });

  it.each(['10.0.0.1', '192.168.1.10', '172.16.0.1', '8.8.8.8', '2001:db8::1', 'fd12:3456::1', '::ffff:10.0.0.1'])(
    'takes %s',
    (address) => {
      expect(policy(address)).toBeUndefined();
    },
  );

  it('takes what the operator allows, in every spelling', () => {
    const open = addressPolicy(['127.0.0.0/8', '::1']);
    expect(['127.0.0.1', '::1', '::ffff:127.0.0.1'].map(open)).toEqual([undefined, undefined, undefined]);
    expect(open('169.254.169.254')).toBeDefined();
    expect(() => addressPolicy(['10.0.0.0/33'])).toThrow('not a network');
  });

  it('refuses private ranges where it is told to, but for those that the operator allows', () => {
    const strict = addressPolicy(['10.1.0.0/16'], 'refused');
    const addresses = ['10.0.0.1', '192.168.1.10', '172.31.0.1', '100.64.0.1', 'fd12:3456::1', '::ffff:10.0.0.1'];
    expect(addresses.map(strict)).toEqual(addresses.map(() => 'private'));
    expect(['10.1.2.3', '8.8.8.8', '172.32.0.1', '2001:db8::1'].map(strict)).toEqual(Array(4).fill(undefined));
  });

  it('reports a name that cannot be resolved instead of throwing', async () => {
    // A label of more than 63 characters fails without asking a name server.
    const name = `${'a'.repeat(64)}.invalid`;
    const error = await new Promise((resolve) => {
      guardedLookup(policy)(name, {}, resolve);
    });
    expect(error).toBeInstanceOf(Error);
  });
});

describe('discovery', () => {
  const aggregated = (freshness: string): object => ({
    kind: 'APIGroupDiscoveryList',
    items: [
      {
        metadata: { name: 'apps' },
        versions: [
          {
            version: 'v1',
            freshness,
            resources: [
              { resource: 'deployments', responseKind: { kind: 'Deployment' }, scope: 'Namespaced', verbs: ['list'] },
            ],
          },
          {
            version: 'v1beta1',
            freshness: 'Current',
            resources: [
              { resource: 'deployments', responseKind: { kind: 'Deployment' }, scope: 'Namespaced', verbs: [] },
            ],
          },
        ],
      },
    ],
  });

  it('reads the aggregated form: preferred version first, incomplete where a group is stale', () => {
    const part = parseAggregated({ ...aggregated('Current') });
    const discovery = discoveryOf(part === undefined ? [] : [part]);
    expect(discovery.find('apps', 'Deployment')).toEqual({
      group: 'apps',
      version: 'v1',
      kind: 'Deployment',
      plural: 'deployments',
      namespaced: true,
      verbs: ['list'],
    });
    expect(discovery.find('apps', 'Deployment', 'v1beta1')?.version).toBe('v1beta1');
    expect(discovery.find('apps', 'Deployment', 'v2')).toBeUndefined();
    expect(discovery.complete).toBe(true);
    expect(parseAggregated({ ...aggregated('Stale') })?.complete).toBe(false);
    expect(parseAggregated({ kind: 'APIGroupList' })).toBeUndefined();
  });

  it('reads the old form', () => {
    expect(parseGroupVersions({ kind: 'APIVersions', versions: ['v1'] })).toEqual([{ group: '', version: 'v1' }]);
    const groups = [
      { name: 'batch', versions: [{ version: 'v1beta1' }, { version: 'v1' }], preferredVersion: { version: 'v1' } },
    ];
    expect(parseGroupVersions({ kind: 'APIGroupList', groups })).toEqual([
      { group: 'batch', version: 'v1' },
      { group: 'batch', version: 'v1beta1' },
    ]);
    const resources = [
      { name: 'jobs', kind: 'Job', namespaced: true, verbs: ['get'] },
      { name: 'jobs/status', kind: 'Job', namespaced: true, verbs: ['get'] },
    ];
    expect(parseResourceList({ resources }, 'batch', 'v1')).toHaveLength(1);
  });
});
