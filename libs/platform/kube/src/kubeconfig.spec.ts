import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadKubeconfig } from './index.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function load(user: object, cluster: object = {}): ReturnType<typeof loadKubeconfig> {
  const file = join(folder, `${crypto.randomUUID()}.yaml`);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: 'https://spoke.example:6443/', ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'east', context: { cluster: 'c', user: 'u' } }],
  };
  await writeFile(file, JSON.stringify(config));
  return loadKubeconfig(file, 'east');
}

describe('a kubeconfig is code', () => {
  it('takes inline data', async () => {
    const cluster = { 'certificate-authority-data': base64('CA'), 'tls-server-name': 'kubernetes' };
    expect(await load({ token: 'abc' }, cluster)).toEqual({
      name: 'east',
      server: 'https://spoke.example:6443',
      tls: { caData: 'CA', serverName: 'kubernetes' },
      credentials: { kind: 'bearerToken', token: 'abc' },
    });
    const user = { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') };
    expect((await load(user, { 'insecure-skip-tls-verify': true })).credentials).toEqual({
      kind: 'clientCertificate',
      certData: 'CERT',
      keyData: 'KEY',
    });
  });

  it.each([
    [{ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'touch' } }, {}],
    [{ 'auth-provider': { name: 'gcp', config: {} } }, {}],
    [{ username: 'admin', password: 'secret' }, {}],
    [{ tokenFile: '/etc/passwd' }, {}],
    [{ 'token-file': '/etc/passwd' }, {}],
    [{ 'client-certificate': '/etc/passwd', 'client-key': '/etc/passwd' }, {}],
    [{ token: 'abc' }, { 'certificate-authority': '/etc/passwd' }],
    [{ token: 'abc' }, { 'proxy-url': 'http://proxy.example' }],
    [{}, {}],
  ])('refuses %o %o', async (user, cluster) => {
    await expect(load(user, cluster)).rejects.toMatchObject({ code: 'InvalidDocument' });
  });
});
