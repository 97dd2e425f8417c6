import { makeCertificates } from '@wheelwright/spoke-sim';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BACKENDS, titleOf } from './support/backends.js';
import { commandLines, everyRow, leaksOf, listenIn, type Place } from './support/leaks.js';
import { application } from './support/manifests.js';
import { Product, secret } from './support/product.js';
import { Scenario } from './support/scenario.js';

/** What stands for a value of a Secret: a longer mask is another value. */
const MASK = /^\+{8}(?:\+{4})*$/;
const START_MS = 120_000;
const SCENARIO_MS = 120_000;
const SECRET = { apiVersion: 'v1', kind: 'Secret', namespace: 'vault', name: 'db' };

const secretManifest = (
  name: string,
  { text, encoded }: { readonly text: string; readonly encoded: string },
): string => `apiVersion: v1
kind: Secret
metadata: { name: ${name} }
${name === 'fixed' ? 'immutable: true' : 'type: Opaque'}
stringData: { password: '${text}' }
data: { token: ${Buffer.from(encoded).toString('base64')} }
`;

const clusterSecret = (token: string): string => `apiVersion: v1
kind: Secret
metadata: { name: ID-declared, labels: { argocd.argoproj.io/secret-type: cluster } }
stringData:
  name: ID-declared
  server: https://127.0.0.1:9
  config: '{"bearerToken":"${token}","tlsClientConfig":{"insecure":true}}'
`;

const EVERYTHING = `query ($name: String!) {
  application(name: $name) {
    sync { status revision } health { status message } conditions { type message } operation { phase message }
    resources { nodes { kind name sync health message healthMessage } } history { nodes { message } }
    diff { action key { kind name } reason differences { pointer desired live } }
    sources { repoURL path } destination { name server }
  }
  clusters { nodes { name server state reason message labels { key value } } }
}`;

interface Shown {
  readonly application: {
    readonly diff: readonly {
      readonly key: { readonly kind: string };
      readonly differences: readonly { readonly desired: unknown; readonly live: unknown }[];
    }[];
  };
}

describe.each(BACKENDS)('secrets (law 8)', (backend) => {
  describe.skipIf(backend.missing !== '')(titleOf(backend), () => {
    let product: Product;
    beforeAll(async () => {
      product = await Product.start({ backend, env: { LOG_LEVEL: 'trace' } });
    }, START_MS);
    afterAll(async () => {
      await product.stop();
      expect(product.lost).toBeUndefined();
    });

    it('go in and are used, and are never seen again', { timeout: SCENARIO_MS }, async () => {
      const heard = product.redisUrl === undefined ? undefined : await listenIn(product.redisUrl);
      const { hub } = product;
      const { cert, key } = makeCertificates();
      const planted = {
        wrongToken: secret('wrong-token'),
        patchedToken: secret('patched-token'),
        declaredToken: secret('declared-token'),
        // One line in the middle: how the key is wrapped does not matter then.
        clientKey: key.split('\n')[1] ?? '',
        textInGit: secret('git-text'),
        encodedInGit: secret('git-encoded'),
        fixedInGit: secret('git-fixed'),
        changedInGit: secret('git-changed'),
        live: secret('live'),
        wrongPassword: secret('wrong-password'),
        repositoryPassword: secret('repository-password'),
      };

      const scenario = await Scenario.given(product, {
        clusters: { one: {} },
        files: {
          'vault/db.yaml': secretManifest('db', { text: planted.textInGit, encoded: planted.encodedInGit }),
          'vault/fixed.yaml': secretManifest('fixed', { text: planted.fixedInGit, encoded: planted.fixedInGit }),
        },
      });
      const spoke = scenario.spoke('one');
      const register = (name: string, more: object, query = ''): Promise<{ readonly status: number }> =>
        hub.rest(`POST /api/v1/clusters${query}`, { body: { name: `${scenario.id}-${name}`, ...more } });

      // Credentials of every kind, on every way in; refused ones too.
      const unknown = await product.spoke(`${scenario.id}-unknown`);
      const tls = { insecure: true };
      const wrong = { server: unknown.url, tls, credentials: { bearerToken: planted.wrongToken } };
      expect((await register('wrong', wrong)).status).toBe(422);
      const byKey = { server: 'https://127.0.0.1:10', tls, credentials: { certData: cert, keyData: key } };
      expect((await register('by-key', byKey, '?verify=false')).status).toBe(201);
      await hub.rest(`PATCH /api/v1/clusters/${scenario.id}-by-key`, {
        body: { credentials: { bearerToken: planted.patchedToken } },
      });
      await scenario.applies(clusterSecret(planted.declaredToken));
      await hub.rest('POST /api/v1/session', { body: { username: 'admin', password: planted.wrongPassword } });
      const forged = await hub.push(scenario.repo.url, { commit: '0'.repeat(40), secret: 'not the secret' });
      expect(forged.status).toBe(401);
      const inAddress = scenario
        .fill(application('private', { cluster: 'one', path: 'app' }))
        .replace('file://', `https://robot:${planted.repositoryPassword}@`);
      expect((await hub.rest('POST /api/v1/apply', { body: inAddress })).status).toBe(422);
      const made = await hub.rest('POST /api/v1/tokens', { body: { name: `${scenario.id}-ci`, role: 'readonly' } });
      expect(made.status).toBe(201);
      // The one answer that a token is for.
      hub.answers.pop();

      // Secrets out of Git: deployed, refused by the spoke, changed by hand, compared for a person.
      await scenario.applies(application('vault', { cluster: 'one', path: 'vault' }));
      const verdict = async (): Promise<string | undefined> => (await scenario.verdicts())['vault'];
      await scenario.until('it is deployed', { ask: verdict, is: 'Synced Healthy' });
      const show = (): Promise<Shown> => hub.query<Shown>(EVERYTHING, { name: `${scenario.id}-vault` });
      await show();
      await scenario.commits({
        'vault/fixed.yaml': secretManifest('fixed', { text: planted.changedInGit, encoded: planted.changedInGit }),
      });
      // Both its reason and its try again must do without the values.
      await scenario.until('the refusal of the immutable one is told', {
        ask: async () =>
          JSON.stringify(await hub.applications({ text: `${scenario.id}-vault` })).includes(
            '/Secret/vault/fixed: The spoke refuses',
          ),
        is: true,
      });
      await spoke.edit(SECRET, { data: { token: Buffer.from(planted.live).toString('base64') } });
      const { application: shown } = await show();
      const differences = shown.diff
        .filter(({ key: { kind } }) => kind === 'Secret')
        .flatMap((entry) => entry.differences);
      expect(differences.length).toBeGreaterThan(0);
      const values = differences.flatMap(({ desired, live }) => [desired, live]);
      expect(values.filter((value) => value !== null && !(typeof value === 'string' && MASK.test(value)))).toEqual([]);

      const secrets = {
        ...planted,
        spokeToken: spoke.token,
        apiToken: String(made.body['token']),
        webhookSecret: product.webhookSecret,
        adminPassword: product.adminPassword,
      };
      await hub.rest('GET /metrics');
      const logs = await product.logs();
      expect(logs).toContain('"level"');
      const places: readonly Place[] = [
        ...hub.answers.map((text, at) => ({ name: `answer ${String(at)}: ${text.slice(0, 80)}`, text })),
        { name: 'the logs', text: logs },
        ...(await everyRow(product.databaseUrl)),
        ...commandLines([product.hubProcess.pid, ...product.workers.map(({ pid }) => pid)]),
        ...(heard === undefined ? [] : [heard()]),
      ];
      expect(leaksOf(secrets, places)).toEqual([]);
      // The search itself finds what is there.
      expect(leaksOf({ id: scenario.id }, places).length).toBeGreaterThan(5);
      await scenario.end();
    });
  });
});
