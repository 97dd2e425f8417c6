import { describe, expect, it } from 'vitest';
import { AppError, type Fault } from '@wheelwright/kernel';
import { nextProbeMs, normaliseServer, parsePatch, parseRegistration, registrationOfSecret } from './index.js';

const RULES = { allowHttpLoopback: false };
const CANARY = 'canary-3f9d0c';
const CERT = `-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----\n`;
const KEY = `-----BEGIN EC PRIVATE KEY-----\n${CANARY}\n-----END EC PRIVATE KEY-----\n`;
const BODY = { name: 'east', server: 'https://api.east.example:6443/', credentials: { bearerToken: CANARY } };

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** The faults of what is thrown; and no secret is in them. */
function faultsOf(work: () => unknown): readonly Fault[] {
  try {
    work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.code).toBe('InvalidDocument');
    expect(JSON.stringify([error.message, error.faults, error.details])).not.toContain(CANARY);
    return error.faults;
  }
  throw new Error('nothing was refused');
}

describe('a registration over REST', () => {
  it('is normalised', () => {
    expect(parseRegistration(BODY, RULES)).toEqual({
      name: 'east',
      server: 'https://api.east.example:6443',
      labels: {},
      annotations: {},
      project: '',
      namespaces: [],
      clusterResources: true,
      tls: { insecure: false },
      credentials: { kind: 'bearerToken', token: CANARY },
    });
  });

  it('takes a client certificate, PEM or base64 of PEM', () => {
    const certificate = { kind: 'clientCertificate', certData: CERT, keyData: KEY };
    for (const encode of [(text: string) => text, base64]) {
      const credentials = { certData: encode(CERT), keyData: encode(KEY) };
      const tls = { caData: encode(CERT), serverName: 'kubernetes' };
      const parsed = parseRegistration({ ...BODY, credentials, tls, namespaces: ['b', 'a', 'a'] }, RULES);
      expect(parsed).toMatchObject({
        credentials: certificate,
        tls: { caData: CERT },
      });
      expect([parsed.namespaces, parsed.clusterResources]).toEqual([['a', 'b'], false]);
    }
  });

  it.each<[string, object, string]>([
    ['an unknown field', { ...BODY, colour: 'red' }, '/colour'],
    ['an exec plugin', { ...BODY, credentials: { exec: { command: CANARY } } }, '/credentials/exec'],
    ['a file', { ...BODY, credentials: { bearerToken: CANARY, tokenFile: '/etc/passwd' } }, '/credentials/tokenFile'],
    ['a file for the authority', { ...BODY, tls: { caFile: '/etc/passwd' } }, '/tls/caFile'],
    ['a path instead of data', { ...BODY, tls: { caData: '/etc/passwd' } }, '/tls/caData'],
    ['a proxy', { ...BODY, proxyUrl: 'http://proxy' }, '/proxyUrl'],
    ['a password', { ...BODY, credentials: { username: 'a', password: CANARY } }, '/credentials/password'],
    ['no credentials', { ...BODY, credentials: {} }, '/credentials'],
    [
      'two ways to authenticate',
      { ...BODY, credentials: { bearerToken: CANARY, certData: CERT, keyData: KEY } },
      '/credentials',
    ],
    ['half a certificate', { ...BODY, credentials: { keyData: KEY } }, '/credentials'],
    [
      'a token that ends a header',
      { ...BODY, credentials: { bearerToken: `${CANARY}\r\nX: y` } },
      '/credentials/bearerToken',
    ],
    ['a certificate for a key', { ...BODY, credentials: { certData: CERT, keyData: CERT } }, '/credentials/keyData'],
    ['a bad label key', { ...BODY, labels: { 'a b': 'x' } }, '/labels/a b'],
    ['a bad label value', { ...BODY, labels: { a: 'x y' } }, '/labels/a'],
    ['a bad namespace', { ...BODY, namespaces: ['../x'] }, '/namespaces/0'],
    ['no name', { ...BODY, name: undefined }, '/name'],
    ['an empty name', { ...BODY, name: '' }, '/name'],
    ['the name of the hub', { ...BODY, name: 'in-cluster' }, '/name'],
    ['the address of the hub', { ...BODY, server: 'https://kubernetes.default.svc/' }, '/server'],
  ])('refuses %s, with a pointer', (_what, body, pointer) => {
    expect(faultsOf(() => parseRegistration(body, RULES)).map((fault) => fault.pointer)).toContain(pointer);
  });
});

describe('an address (SSRF via cluster URLs)', () => {
  it.each([
    ['https://API.East.Example:443/', 'https://api.east.example'],
    ['https://proxy.example/k8s/clusters/c-1//', 'https://proxy.example/k8s/clusters/c-1'],
    ['https://[2001:DB8::1]:6443', 'https://[2001:db8::1]:6443'],
    ['https://0x0A000001/', 'https://10.0.0.1'],
  ])('%s is %s', (text, server) => {
    expect(normaliseServer(text, RULES)).toEqual({ server });
  });

  it.each([
    'http://api.example',
    'ftp://x',
    'file:///etc/passwd',
    'api.example',
    '',
    'https://u:p@x',
    'https://x?a=b',
    'https://x#y',
    'http://127.0.0.1:1',
  ])('refuses %s', (text) => {
    expect(normaliseServer(text, RULES)).toHaveProperty('problem');
  });

  it('takes http for loopback hosts where that is allowed, and for no other', () => {
    const rules = { allowHttpLoopback: true };
    expect(normaliseServer('http://127.0.0.1:8001/clusters/a', rules)).toEqual({
      server: 'http://127.0.0.1:8001/clusters/a',
    });
    expect(normaliseServer('http://10.0.0.1', rules)).toHaveProperty('problem');
    expect(normaliseServer('http://127.0.0.1.example', rules)).toHaveProperty('problem');
  });
});

describe('a patch', () => {
  it('takes what may change, and nothing else', () => {
    const patch = { labels: { env: 'prod', old: null }, paused: true, credentials: { bearerToken: CANARY } };
    expect(parsePatch(patch)).toEqual({ ...patch, credentials: { kind: 'bearerToken', token: CANARY } });
    expect(parsePatch({})).toEqual({});
    expect(faultsOf(() => parsePatch({ server: 'https://x' })).map((fault) => fault.pointer)).toEqual(['/server']);
  });
});

describe('a cluster Secret', () => {
  const secret = (config: object, data: Record<string, string> = {}) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'cluster-east',
      labels: { 'argocd.argoproj.io/secret-type': 'cluster', env: 'prod' },
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': CANARY, team: 'core' },
    },
    data: Object.fromEntries(
      Object.entries({ server: 'https://east.example/', config: JSON.stringify(config), ...data }).map(
        ([key, value]) => [key, base64(value)],
      ),
    ),
  });

  it('registers like a body of REST', () => {
    const config = {
      bearerToken: CANARY,
      tlsClientConfig: { insecure: false, caData: base64(CERT), serverName: '', certData: '', keyData: null },
      username: '',
      awsAuthConfig: null,
      disableCompression: false,
    };
    const data = { name: 'east', namespaces: 'b, a', clusterResources: 'true', project: 'web', shard: '1' };
    expect(registrationOfSecret(secret(config, data), RULES)).toEqual({
      name: 'east',
      server: 'https://east.example',
      labels: { env: 'prod' },
      annotations: { team: 'core' },
      project: 'web',
      namespaces: ['a', 'b'],
      clusterResources: true,
      tls: { insecure: false, caData: CERT },
      credentials: { kind: 'bearerToken', token: CANARY },
    });
  });

  it('takes stringData, and drops cluster-scoped objects where namespaces are restricted', () => {
    const stringData = {
      name: 'west',
      server: 'https://west.example',
      config: JSON.stringify({ bearerToken: 't' }),
      namespaces: 'a',
    };
    const { data: _data, ...rest } = secret({});
    expect(registrationOfSecret({ ...rest, stringData }, RULES)).toMatchObject({
      name: 'west',
      clusterResources: false,
    });
  });

  it.each<[string, object, Record<string, string>, string]>([
    ['an exec plugin', { execProviderConfig: { command: CANARY } }, {}, '/data/config/execProviderConfig'],
    ['AWS', { awsAuthConfig: { clusterName: CANARY } }, {}, '/data/config/awsAuthConfig'],
    ['a proxy', { bearerToken: CANARY, proxyUrl: 'http://proxy' }, {}, '/data/config/proxyUrl'],
    ['a password', { username: 'a', password: CANARY }, {}, '/data/config/password'],
    ['an unknown key of config', { bearerToken: CANARY, colour: 'red' }, {}, '/data/config/colour'],
    ['a file', { tlsClientConfig: { keyFile: '/etc/passwd' } }, {}, '/data/config/tlsClientConfig/keyFile'],
    ['no credentials', {}, {}, '/data/config'],
    ['an unknown key of data', { bearerToken: CANARY }, { colour: 'red' }, '/data/colour'],
    ['config that is not JSON', {}, { config: `{${CANARY}` }, '/data/config'],
    ['no https', { bearerToken: CANARY }, { server: 'http://east.example' }, '/data/server'],
  ])('refuses %s, with a pointer', (...[, config, data, pointer]) => {
    expect(faultsOf(() => registrationOfSecret(secret(config, data), RULES)).map((fault) => fault.pointer)).toContain(
      pointer,
    );
  });
});

describe('the schedule of probes', () => {
  it('keeps the interval within 20 %, and backs off after failures up to five minutes', () => {
    expect(nextProbeMs({ intervalMs: 60_000, failures: 0, random: 0 })).toBe(48_000);
    expect(nextProbeMs({ intervalMs: 60_000, failures: 0, random: 0.999999 })).toBe(72_000);
    expect([1, 2, 3, 50].map((failures) => nextProbeMs({ intervalMs: 60_000, failures, random: 0.5 }))).toEqual([
      5_000, 10_000, 20_000, 300_000,
    ]);
  });
});
