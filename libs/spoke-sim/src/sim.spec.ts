// What the simulator does beyond a real server: controllers, faults, counts, hands, control endpoint.
import { eventually, withSpokeSim } from '@wheelwright/testing';
import { Agent, request } from 'undici';
import { describe, expect, it } from 'vitest';
import { OUTCOME_ANNOTATION, type SimulatedSpoke, type SpokeSim } from './index.js';

const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web' };
const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'one' };
const PATH = '/api/v1/namespaces/default/configmaps/one';

function deployment(annotations: Record<string, string> = {}) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default', annotations },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'web:1' }] } },
    },
  };
}

interface Sent {
  readonly status: number;
  readonly retryAfter: unknown;
}

async function send(
  spoke: SimulatedSpoke,
  path: string,
  options: { method?: 'GET' | 'PATCH' | 'DELETE'; body?: string } = {},
): Promise<Sent> {
  const response = await request(`${spoke.url}${path}`, {
    method: options.method ?? 'GET',
    headers: {
      authorization: `Bearer ${spoke.token}`,
      'content-type': 'application/apply-patch+yaml',
      'user-agent': 'worker-7/1.0',
    },
    signal: AbortSignal.timeout(5_000),
    ...(options.body === undefined ? {} : { body: options.body }),
  });
  await response.body.dump();
  return { status: response.statusCode, retryAfter: response.headers['retry-after'] };
}

const apply = (spoke: SimulatedSpoke, query = ''): Promise<Sent> =>
  send(spoke, `${PATH}?fieldManager=wheelwright${query}`, {
    method: 'PATCH',
    body: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one"},"data":{"a":"1"}}',
  });

const withSpoke = (body: (spoke: SimulatedSpoke, sim: SpokeSim) => Promise<void>): Promise<void> =>
  withSpokeSim((sim) => body(sim.addCluster('edge-1'), sim), { controllerDelayMs: 5, controlToken: 'control' });

describe('controllers', () => {
  it('make a Deployment ready, and again after a change', () =>
    withSpoke(async (spoke) => {
      spoke.create(deployment());
      const status = () => Promise.resolve(spoke.get(DEPLOYMENT)?.status);
      await eventually(status, (now) => JSON.stringify(now).includes('"readyReplicas":2'));
      spoke.edit(DEPLOYMENT, (object) => {
        object.spec = { ...deployment().spec, replicas: 3 };
      });
      await eventually(status, (now) => JSON.stringify(now).includes('"readyReplicas":3'));
      expect(spoke.get(DEPLOYMENT)).toMatchObject({ metadata: { generation: 2 }, status: { observedGeneration: 2 } });
      expect(spoke.counts().total).toBe(0);
    }));

  it('leave unready what is told to fail', () =>
    withSpoke(async (spoke) => {
      spoke.create(deployment({ [OUTCOME_ANNOTATION]: 'fail' }));
      await eventually(
        () => Promise.resolve(spoke.get(DEPLOYMENT)?.status),
        (status) => JSON.stringify(status).includes('ProgressDeadlineExceeded'),
      );
    }));

  it('empty a namespace that is deleted and collect what an owner leaves behind', () =>
    withSpoke(async (spoke) => {
      spoke.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
      const owner = spoke.create({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'owner', namespace: 'shop' },
      });
      const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid ?? '' }];
      const owned = { apiVersion: 'v1', kind: 'Secret', namespace: 'shop', name: 'owned' };
      spoke.create({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'owned', namespace: 'shop', ownerReferences },
      });
      spoke.remove({ ...CONFIG_MAP, namespace: 'shop', name: 'owner' });
      expect(spoke.get(owned)).toBeUndefined();
      spoke.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'rest', namespace: 'shop' } });
      spoke.remove({ apiVersion: 'v1', kind: 'Namespace', name: 'shop' });
      await eventually(
        () => Promise.resolve(spoke.list({ apiVersion: 'v1', kind: 'Namespace' }).map((each) => each.metadata.name)),
        (names) => !names.includes('shop'),
      );
      expect(spoke.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop' })).toEqual([]);
    }));
});

describe('faults', () => {
  it('throttle the next requests, with Retry-After', () =>
    withSpoke(async (spoke) => {
      spoke.faults.set({ throttle: { requests: 2, retryAfterSeconds: 7 } });
      expect(await send(spoke, '/version')).toEqual({ status: 429, retryAfter: '7' });
      expect((await send(spoke, '/version')).status).toBe(429);
      expect((await send(spoke, '/version')).status).toBe(200);
      spoke.faults.set({ throttle: { ratio: 0.5 } });
      const codes = await Promise.all(Array.from({ length: 10 }, () => send(spoke, '/version')));
      expect(codes.filter(({ status }) => status === 429)).toHaveLength(5);
    }));

  it('refuse every token, or single verbs', () =>
    withSpoke(async (spoke) => {
      spoke.faults.set({ unauthorized: true });
      expect((await send(spoke, '/version')).status).toBe(401);
      spoke.faults.set({ forbiddenVerbs: ['apply'] });
      expect((await apply(spoke)).status).toBe(403);
      expect((await send(spoke, '/api/v1/namespaces')).status).toBe(200);
    }));

  it('reset connections while down, and lose the answer of a write that was done', () =>
    withSpoke(async (spoke) => {
      spoke.faults.set({ down: true });
      await expect(apply(spoke)).rejects.toThrow();
      expect(spoke.get(CONFIG_MAP)).toBeUndefined();
      spoke.faults.set({ drop: { requests: 1, when: 'after' } });
      await expect(apply(spoke)).rejects.toThrow();
      expect(spoke.get(CONFIG_MAP)).toBeDefined();
    }));

  it('hold a write until it is let go', () =>
    withSpoke(async (spoke) => {
      spoke.faults.set({ hold: 'before' });
      const held = apply(spoke);
      await eventually(
        () => Promise.resolve(spoke.faults.held()),
        (count) => count === 1,
      );
      expect(spoke.get(CONFIG_MAP)).toBeUndefined();
      spoke.faults.clear();
      expect((await held).status).toBe(201);
    }));
});

describe('ledger', () => {
  it('counts requests by verb and keeps the writes with who made them', () =>
    withSpoke(async (spoke) => {
      await apply(spoke, '&dryRun=All');
      await apply(spoke);
      await apply(spoke);
      await send(spoke, '/api/v1/configmaps');
      await send(spoke, PATH, { method: 'DELETE' });
      expect(spoke.counts()).toMatchObject({ dryRun: 1, apply: 2, list: 1, delete: 1, total: 5, refused: 0 });
      expect(
        spoke
          .writes()
          .map(({ verb, key, fieldManager, userAgent, changed }) => ({ verb, key, fieldManager, userAgent, changed })),
      ).toEqual([
        {
          verb: 'apply',
          key: '/ConfigMap/default/one',
          fieldManager: 'wheelwright',
          userAgent: 'worker-7/1.0',
          changed: true,
        },
        {
          verb: 'apply',
          key: '/ConfigMap/default/one',
          fieldManager: 'wheelwright',
          userAgent: 'worker-7/1.0',
          changed: false,
        },
        { verb: 'delete', key: '/ConfigMap/default/one', fieldManager: '', userAgent: 'worker-7/1.0', changed: true },
      ]);
      spoke.resetCounts();
      expect(spoke.counts().total).toBe(0);
    }));

  it('keeps spokes apart: objects, tokens, counts', () =>
    withSpokeSim(async (sim) => {
      const [first, second] = [sim.addCluster('a'), sim.addCluster('b')];
      await apply(first);
      expect(second.get(CONFIG_MAP)).toBeUndefined();
      expect(second.counts().total).toBe(0);
      const stranger = await request(`${second.url}/version`, { headers: { authorization: `Bearer ${first.token}` } });
      expect(stranger.statusCode).toBe(401);
      await stranger.body.dump();
    }));
});

describe('TLS', () => {
  it('is verified with the authority of the simulator, and not without', () =>
    withSpokeSim(
      async (sim) => {
        const spoke = sim.addCluster('a');
        const options = { headers: { authorization: `Bearer ${spoke.token}` } };
        await expect(request(`${spoke.url}/version`, options)).rejects.toThrow();
        const dispatcher = new Agent({ connect: { ca: sim.caData ?? '' } });
        for (const url of [spoke.url, spoke.url.replace('127.0.0.1', 'localhost')]) {
          if (url.includes('localhost') && !(await resolvesToIpv4())) continue;
          const answer = await request(`${url}/version`, { ...options, dispatcher });
          expect(answer.statusCode).toBe(200);
          await answer.body.dump();
        }
        await dispatcher.close();
      },
      { tls: true },
    ));
});

async function resolvesToIpv4(): Promise<boolean> {
  const { lookup } = await import('node:dns/promises');
  return lookup('localhost', { family: 4 }).then(
    () => true,
    () => false,
  );
}

describe('control endpoint', () => {
  it('does over HTTP what the calls do, for whoever has its token', () =>
    withSpoke(async (spoke, sim) => {
      type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
      const control = async (...[method, path, body, token = 'control']: [Method, string, object?, string?]) => {
        const answer = await request(`${sim.url}/__sim/${path}`, {
          method,
          headers: { authorization: `Bearer ${token}` },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        return { status: answer.statusCode, body: await answer.body.json() };
      };
      expect((await control('GET', 'clusters', undefined, 'wrong')).status).toBe(401);
      expect((await control('GET', 'clusters')).body).toEqual([{ name: 'edge-1', url: spoke.url, token: spoke.token }]);
      expect((await control('POST', 'clusters', { name: 'edge-2' })).body).toMatchObject({ name: 'edge-2' });
      await control('PUT', 'clusters/edge-1/faults', { throttle: { requests: 1 } });
      expect((await apply(spoke)).status).toBe(429);
      expect((await control('PUT', 'clusters/edge-1/faults', { typo: true })).status).toBe(400);
      await apply(spoke);
      expect((await control('GET', 'clusters/edge-1/counts')).body).toMatchObject({ apply: 2, refused: 1 });
      expect((await control('GET', 'clusters/edge-1/writes')).body).toHaveLength(1);
      const edited = await control('POST', 'clusters/edge-1/edit', {
        ...CONFIG_MAP,
        merge: { data: { a: 'by hand' } },
      });
      expect(edited.body).toMatchObject({ data: { a: 'by hand' } });
      expect((await control('POST', 'clusters/edge-1/get', CONFIG_MAP)).body).toMatchObject({ data: { a: 'by hand' } });
      expect((await control('POST', 'clusters/edge-1/remove', CONFIG_MAP)).body).toEqual({ removed: true });
      expect((await control('DELETE', 'clusters/edge-1/counts')).status).toBe(200);
      expect(spoke.counts().total).toBe(0);
    }));
});
