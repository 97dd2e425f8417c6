import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { AppError } from '@wheelwright/kernel';
import { describe, expect, it } from 'vitest';
import { parseEncryptionKeys } from './encryption-keys.js';
import { loadHubConfig, loadWorkerConfig, NAMES_BY_PROCESS } from './load.js';
import { blockListOf, parseNetwork } from './networks.js';
import { environmentReference } from './reference.js';
import { Secret } from './secret.js';
import { VARIABLES } from './variables.js';

const KEY = randomBytes(32).toString('base64');
const MINIMAL = { DATABASE_URL: 'postgresql://u:pw@h/db', WHEELWRIGHT_ENCRYPTION_KEYS: `k1:${KEY}` };

function problemsOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof AppError ? error.message : String(error);
  }
  return '';
}

describe('loadHubConfig and loadWorkerConfig', () => {
  it('fill in the defaults', () => {
    const hub = loadHubConfig(MINIMAL);
    expect(hub).toMatchObject({
      port: 8080,
      host: '127.0.0.1',
      allowInsecureRepos: false,
      allowedNetworks: [],
      installationId: 'wheelwright',
    });
    expect([hub.redisUrl, hub.adminPassword, hub.webhookSecret]).toEqual([undefined, undefined, undefined]);
    expect(loadWorkerConfig(MINIMAL)).toMatchObject({
      sliceMs: 10_000,
      leaseMs: 30_000,
      pollIntervalMs: 60_000,
      concurrency: 8,
    });
  });

  it('read what is set, and take an empty variable for one that is not', () => {
    const config = loadHubConfig({
      ...MINIMAL,
      PORT: '0',
      REDIS_URL: '',
      WHEELWRIGHT_ALLOWED_NETWORKS: '127.0.0.0/8, fd00::/8',
    });
    expect(config.port).toBe(0);
    expect(config.redisUrl).toBeUndefined();
    expect(config.allowedNetworks.map(({ prefix }) => prefix)).toEqual([8, 8]);
    expect(config.encryptionKeys.reveal()[0].id).toBe('k1');
  });

  it('read the hosts that generators may ask', () => {
    const worker = (text: string) => loadWorkerConfig({ ...MINIMAL, WHEELWRIGHT_SCM_ALLOWED_HOSTS: text });
    expect(worker(' Git.example, b.example:8443,https://c.example/, ').scmAllowedHosts).toEqual([
      'git.example',
      'b.example:8443',
      'https://c.example/',
    ]);
    expect(problemsOf(() => worker('git.example b.example'))).toContain('WHEELWRIGHT_SCM_ALLOWED_HOSTS: ');
    expect(loadWorkerConfig(MINIMAL)).toMatchObject({ scmProviders: true, scmAllowedHosts: [], decisionCluster: '' });
    expect(loadWorkerConfig({ ...MINIMAL, WHEELWRIGHT_SCM_PROVIDERS: 'off' }).scmProviders).toBe(false);
  });

  it('report all problems together, without the values', () => {
    const env = {
      DATABASE_URL: 'mysql://secret-in-url',
      PORT: '80x',
      LOG_LEVEL: 'loud',
      WHEELWRIGHT_ALLOWED_NETWORKS: '10.0.0.0/99',
    };
    const message = problemsOf(() => loadHubConfig(env));
    for (const name of [
      'DATABASE_URL',
      'PORT',
      'LOG_LEVEL',
      'WHEELWRIGHT_ENCRYPTION_KEYS',
      'WHEELWRIGHT_ALLOWED_NETWORKS',
    ]) {
      expect(message).toContain(`${name}: `);
    }
    expect(message).not.toContain('secret-in-url');
  });

  it.each([
    [
      'a lease that is not longer than the slice',
      { WHEELWRIGHT_SLICE: '30s', WHEELWRIGHT_LEASE: '30s' },
      'WHEELWRIGHT_LEASE',
    ],
    ['a duration without a unit', { WHEELWRIGHT_SLICE: '10' }, 'WHEELWRIGHT_SLICE'],
    ['a number that is not whole', { WHEELWRIGHT_CONCURRENCY: '1.5' }, 'WHEELWRIGHT_CONCURRENCY'],
    [
      'an installation that is not a label value',
      { WHEELWRIGHT_INSTALLATION_ID: 'A b' },
      'WHEELWRIGHT_INSTALLATION_ID',
    ],
  ])('refuse %s', (_, env, variable) => {
    expect(problemsOf(() => loadWorkerConfig({ ...MINIMAL, ...env }))).toContain(`${variable}: `);
  });

  it('agree with the table about who reads what', () => {
    for (const [name, variable] of Object.entries(VARIABLES)) {
      const readers = Object.entries(NAMES_BY_PROCESS).flatMap(([process, names]) =>
        names.some((other) => other === name) ? [process] : [],
      );
      expect([name, readers]).toEqual([name, variable.processes]);
    }
  });
});

describe('parseEncryptionKeys (initial secrets are strong)', () => {
  it.each([
    ['equal bytes', Buffer.alloc(32, 7)],
    ['counted bytes', Buffer.from(Array.from({ length: 32 }, (_, at) => at))],
    ['a sentence', Buffer.from('please change this key some day!')],
    ['too few bytes', randomBytes(16)],
  ])('refuses %s', (_, bytes) => {
    const encoded = bytes.toString('base64');
    const result = parseEncryptionKeys(`k:${encoded}`);
    expect('problems' in result && result.problems).toHaveLength(1);
    expect(JSON.stringify(result)).not.toContain(encoded);
  });

  it('refuses a repeated id and another form', () => {
    expect(parseEncryptionKeys(`a:${KEY},a:${KEY}`)).toEqual({ problems: ['the id "a" is there twice'] });
    expect(parseEncryptionKeys('changeme')).toEqual({ problems: ['key 1 is not written as id:base64'] });
  });

  it('takes random keys, the first in use', () => {
    const result = parseEncryptionKeys(`b:${KEY},a:${randomBytes(32).toString('base64')}`);
    expect('keys' in result && result.keys.map(({ id }) => id)).toEqual(['b', 'a']);
  });
});

describe('Secret', () => {
  it('shows itself to nobody who does not ask', () => {
    const secret = new Secret('hunter2');
    const shown = [
      String(secret),
      JSON.stringify({ secret }),
      inspect({ secret }, { depth: 9, showHidden: true }),
      ''.concat(String(secret)),
      Object.keys(secret),
    ];
    expect(shown.join()).not.toContain('hunter2');
    expect(secret.reveal()).toBe('hunter2');
  });
});

describe('networks', () => {
  it('are parsed and matched', () => {
    const parsed = ['10.0.0.0/8', '::1', '192.168.1.7'].map(parseNetwork).filter((network) => network !== undefined);
    const list = blockListOf(parsed);
    expect([
      list.check('10.9.8.7'),
      list.check('11.0.0.1'),
      list.check('::1', 'ipv6'),
      list.check('192.168.1.8'),
    ]).toEqual([true, false, true, false]);
    expect(['10.0.0.0/33', 'localhost', '', '10.0.0/8', '::/129'].map(parseNetwork)).toEqual(Array.from({ length: 5 }));
  });
});

describe('docs/reference/environment.md', () => {
  it('is what the table says', () => {
    const file = fileURLToPath(new URL('../../../../docs/reference/environment.md', import.meta.url));
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, environmentReference());
    expect(readFileSync(file, 'utf8')).toBe(environmentReference());
  });
});
