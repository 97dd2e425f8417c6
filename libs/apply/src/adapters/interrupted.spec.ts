import { AppError, ClusterId } from '@wheelwright/kernel';
import { FIELD_MANAGER, questionsOf } from '@wheelwright/plan';
import { gatherAnswers } from '@wheelwright/plan/adapters';
import { addressPolicy, SpokeClients } from '@wheelwright/platform-kube';
import { startSpokeSim, type SimulatedSpoke, type SpokeSim } from '@wheelwright/spoke-sim';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApplyInterrupted, inventoryAfter } from '../index.js';
import { applyPlan } from './apply-plan.js';
import { configMap, deployment, Harness, shown } from './harness.fixture.js';

describe('an apply that cannot go on', () => {
  let sim: SpokeSim;
  let spoke: SimulatedSpoke;
  let clients: SpokeClients;
  let harness: Harness;
  beforeEach(async () => {
    sim = await startSpokeSim();
    spoke = sim.addCluster('faulty');
    clients = new SpokeClients({ addressPolicy: addressPolicy(['127.0.0.0/8']) });
    const target = {
      id: ClusterId('c'),
      server: spoke.url,
      tls: {},
      credentials: { kind: 'bearerToken', token: spoke.token },
    } as const;
    harness = new Harness(clients.get(target, '1'), {
      installationId: 'hub',
      namespace: 'default',
      gather: gatherAnswers,
    });
  });
  afterEach(async () => {
    await clients.close();
    await sim.close();
  });
  const objects = [configMap('a', { a: '1' }), configMap('b', { a: '1' }), deployment('web', 1)];

  async function interrupted(running: Promise<unknown>): Promise<ApplyInterrupted> {
    const error = await running.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof ApplyInterrupted)) throw new Error('it was not interrupted', { cause: error });
    return error;
  }

  it('stops when the lease is lost before a batch, and tells what was done', async () => {
    const made = await harness.plan(objects);
    let batches = 0;
    const onBatch = (): Promise<void> => {
      batches += 1;
      return batches === 2 ? Promise.reject(new AppError('LeaseLost', 'another worker holds it')) : Promise.resolve();
    };
    const error = await interrupted(applyPlan(harness.client, made, { fieldManager: FIELD_MANAGER, onBatch }));
    expect(error.code).toBe('LeaseLost');
    expect(shown(error.changeSet)).toEqual(['ConfigMap a created', 'ConfigMap b created']);
    expect(spoke.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web' })).toBeUndefined();
  });

  it('stops when the guard refuses a write: nothing more is sent', async () => {
    const made = await harness.plan(objects);
    const fenced = harness.client.withGuard(() => {
      throw new AppError('LeaseLost', 'the deadline has passed');
    });
    const error = await interrupted(applyPlan(fenced, made, { fieldManager: FIELD_MANAGER }));
    expect(error.code).toBe('LeaseLost');
    expect(error.changeSet.changes).toEqual([]);
    expect(spoke.writes()).toEqual([]);
  });

  it('stops when the spoke goes away, and keeps what was done in the inventory', async () => {
    const made = await harness.plan(objects);
    let batches = 0;
    const onBatch = (): Promise<void> => {
      batches += 1;
      if (batches === 2) spoke.faults.set({ down: true });
      return Promise.resolve();
    };
    const error = await interrupted(applyPlan(harness.client, made, { fieldManager: FIELD_MANAGER, onBatch }));
    expect(error.code).toBe('SpokeUnreachable');
    expect(inventoryAfter([], made, error.changeSet).map(({ key }) => key.name)).toEqual(['a', 'b']);
  });

  it('does not plan from a spoke that does not answer', async () => {
    await harness.sync(objects);
    const input = { ...(await harness.input(objects)), thorough: true };
    spoke.faults.set({ unauthorized: true });
    await expect(gatherAnswers(harness.client, questionsOf(input))).rejects.toMatchObject({
      code: 'SpokeUnauthorized',
    });
  });

  it('keeps a prune that is forbidden in the inventory, and tries again', async () => {
    await harness.sync(objects);
    spoke.faults.set({ forbiddenVerbs: ['delete'] });
    const changes = await harness.sync(objects.slice(1));
    expect(shown(changes)).toContain('ConfigMap a failed');
    expect(harness.known.map(({ key }) => key.name)).toContain('a');
    spoke.faults.clear();
    const background = ['PrunePropagationPolicy=background'];
    expect(shown(await harness.sync(objects.slice(1), background))).toContain('ConfigMap a deleted');
    expect(harness.known.map(({ key }) => key.name)).not.toContain('a');
  });

  it('asks the spoke for nothing but the lists where nothing changed', async () => {
    await harness.sync(objects);
    spoke.resetCounts();
    await harness.sync(objects);
    const { get, apply, dryRun, patch } = spoke.counts();
    expect({ get, apply, dryRun, patch, delete: spoke.counts().delete }).toEqual({
      get: 0,
      apply: 0,
      dryRun: 0,
      patch: 0,
      delete: 0,
    });
    expect(spoke.writes()).toEqual([]);
  });
});
