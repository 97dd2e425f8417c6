// Hooks on a real API server: server-side apply, finalizers, deletion in the foreground and uids are its own; the Job controller is this file.
import { isJsonObject, type JsonObject } from '@wheelwright/kernel';
import { findEnvtest } from '@wheelwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RealSpoke } from './testing/real-spoke.js';
import { TestFleet } from './testing/test-fleet.js';

const found = findEnvtest();
const FINALIZER = 'argocd.argoproj.io/hook-finalizer';

const job = (name: string, phase: string, rest = ''): string => `apiVersion: batch/v1
kind: Job
metadata: { name: ${name}, annotations: { argocd.argoproj.io/hook: ${phase}${rest} } }
spec:
  ttlSecondsAfterFinished: 0
  template: { spec: { restartPolicy: Never, containers: [{ name: main, image: 'example.com/tool:1' }] } }
`;
const settings = (text: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { text: ${text} }\n`;
const APPLICATION = `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: shop, finalizers: [resources-finalizer.argocd.argoproj.io] }
spec:
  project: default
  source: { repoURL: 'REPO', path: shop, targetRevision: main }
  destination: { name: real, namespace: shop }
  syncPolicy:
    automated: { prune: true, selfHeal: true }
    retry: { limit: 0 }
    syncOptions: [CreateNamespace=true]
`;

function hooksOnARealServer(): void {
  let spoke: RealSpoke;
  let fleet: TestFleet;
  beforeAll(async () => {
    spoke = await RealSpoke.start('real');
    fleet = await TestFleet.create();
    await fleet.startWorker();
    await fleet.register(spoke);
  }, 120_000);
  afterAll(async () => {
    await fleet.close();
    await spoke.stop();
  });

  const path = (name: string): string => `/apis/batch/v1/namespaces/shop/jobs/${name}`;
  const metaOf = (live: JsonObject | undefined): JsonObject => {
    const meta = live?.['metadata'];
    return isJsonObject(meta) ? meta : {};
  };
  const textOf = async (): Promise<unknown> => {
    const data = (await spoke.get('/api/v1/namespaces/shop/configmaps/settings'))?.['data'];
    return isJsonObject(data) ? data['text'] : undefined;
  };
  /** What the Job controller reports at the end. */
  const finish = async (name: string, as: 'Complete' | 'Failed'): Promise<void> => {
    const now = new Date().toISOString();
    const condition = (type: string): JsonObject => ({ type, status: 'True', lastTransitionTime: now, reason: 'Spec' });
    const isComplete = as === 'Complete';
    const conditions = [condition(isComplete ? 'SuccessCriteriaMet' : 'FailureTarget'), condition(as)];
    await spoke.patch(`${path(name)}/status`, {
      status: {
        startTime: now,
        conditions,
        ...(isComplete ? { completionTime: now, succeeded: 1 } : { failed: 1 }),
      },
    });
  };
  const waitsFor = (name: string): Promise<void> =>
    fleet.until(`it waits for ${name}`, async () => {
      const operation = await fleet.operationOf('shop');
      return operation?.message.includes(`waiting for hook Job shop/${name}`) === true;
    });

  it('run before and after the sync, and their objects are held until their end is known', async () => {
    await fleet.repo.commit({
      'shop/settings.yaml': settings('one'),
      'shop/before.yaml': job('before', 'PreSync'),
      'shop/after.yaml': job('after', 'PostSync', ', argocd.argoproj.io/hook-delete-policy: HookSucceeded'),
    });
    await fleet.apply(APPLICATION.replace('REPO', fleet.repo.url));
    await waitsFor('before');
    expect(await textOf()).toBeUndefined();
    expect(metaOf(await spoke.get(path('before')))['finalizers']).toEqual([FINALIZER]);
    await finish('before', 'Complete');
    await waitsFor('after');
    expect(await textOf()).toBe('one');
    await finish('after', 'Complete');
    await fleet.until('the sync succeeded', async () => (await fleet.operationOf('shop'))?.phase === 'Succeeded');
    expect(metaOf(await spoke.get(path('before')))['finalizers']).toBeUndefined();
    await fleet.until('the second is deleted', async () => {
      await spoke.collect(path('after'));
      return (await spoke.get(path('after'))) === undefined;
    });
  });

  it('are replaced in the next operation, and stop it where they fail', async () => {
    const before = metaOf(await spoke.get(path('before')))['uid'];
    await fleet.repo.commit({ 'shop/settings.yaml': settings('two') });
    await fleet.until('the old object goes, and a new one comes', async () => {
      await spoke.collect(path('before'));
      const uid = metaOf(await spoke.get(path('before')))['uid'];
      return uid !== undefined && uid !== before;
    });
    await waitsFor('before');
    await finish('before', 'Failed');
    await fleet.until('the sync failed', async () => (await fleet.operationOf('shop'))?.phase === 'Failed');
    expect(await textOf()).toBe('one');
    expect(metaOf(await spoke.get(path('before')))['finalizers']).toBeUndefined();
  });
}

if (found.folder !== undefined) {
  describe('hooks on a real kube-apiserver', hooksOnARealServer);
} else if (process.env['WHEELWRIGHT_REQUIRE_ENVTEST'] === '1') {
  it('has a real kube-apiserver', () => {
    expect.fail(found.reason);
  });
} else {
  describe.skip(`hooks on a real kube-apiserver (skipped: ${found.reason})`, () => {
    it('runs', () => undefined);
  });
}
