import type { ApplicationId, ClusterId } from '@wheelwright/kernel';
import { startSpokeSim, type SimulatedSpoke, type SpokeSim } from '@wheelwright/spoke-sim';
import { goBack, holdRevision, letGo, markDue, type Restore } from '@wheelwright/status/adapters';
import type { PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestFleet } from './testing/test-fleet.js';

const settings = (text: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { text: ${text} }\n`;

const application = (name: string, policy: string): string => `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: ${name} }
spec:
  project: default
  source: { repoURL: 'REPO', path: ${name}, targetRevision: main }
  destination: { name: one, namespace: ${name} }
  revisionHistoryLimit: 3
  syncPolicy: { ${policy} retry: { limit: 2, backoff: { duration: 50ms } }, syncOptions: [CreateNamespace=true] }
`;

interface Entry {
  readonly id: string;
  readonly kind: string;
  readonly phase: string;
  readonly revision: string;
  readonly reason: string;
  readonly initiatedBy: string;
  readonly retries: number;
}

let sim: SpokeSim;
let spoke: SimulatedSpoke;
let fleet: TestFleet;

beforeAll(async () => {
  sim = await startSpokeSim({ controllerDelayMs: 20 });
  spoke = sim.addCluster('one');
  fleet = await TestFleet.create();
  await fleet.repo.commit({ 'auto/settings.yaml': settings('a'), 'manual/settings.yaml': settings('a') });
  await fleet.startWorker();
  await fleet.register({ name: 'one', url: spoke.url, token: spoke.token });
  await fleet.apply(
    `${application('auto', 'automated: { selfHeal: true },')}---${application('manual', '')}`.replaceAll(
      'REPO',
      fleet.repo.url,
    ),
  );
  await fleet.until('the first state is live', () => live('auto') === 'a');
});

afterAll(async () => {
  await fleet.close();
  await sim.close();
});

function live(namespace: string): string | undefined {
  const object = spoke.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'settings' });
  return (object?.['data'] as { text?: string } | undefined)?.text;
}

async function historyOf(name: string): Promise<readonly Entry[]> {
  const { rows } = await fleet.store.pool.query<Entry>(
    `SELECT h.id::text AS id, h.kind, h.phase, h.revision, h.reason, h.initiated_by AS "initiatedBy", h.retries
     FROM application_history h JOIN applications a ON a.id = h.application_id WHERE a.name = $1 ORDER BY h.id DESC`,
    [name],
  );
  return rows;
}

/** Does something to the hold of an Application and has it looked at, as the hub does. */
async function change<T>(name: string, work: (client: PoolClient, id: ApplicationId) => Promise<T>): Promise<T> {
  return fleet.store.tx(async (client) => {
    const { rows } = await client.query<{ id: ApplicationId; cluster: ClusterId }>(
      `SELECT id, cluster_id AS cluster FROM applications WHERE name = $1 FOR UPDATE`,
      [name],
    );
    const [row] = rows;
    if (row === undefined) throw new Error(`no ${name}`);
    const done = await work(client, row.id);
    await markDue(client, row.cluster, [{ id: row.id, reason: 'its hold changed' }]);
    return done;
  });
}

async function rollBack(name: string, to: Restore, reason: string): Promise<string> {
  const revision = await change(name, (client, id) => goBack(client, id, { to, reason, by: 'ada' }));
  await fleet.requestSync(name, { origin: 'rollback', reason });
  return revision;
}

describe('an Application with automated sync', () => {
  it('stays where somebody brought it back to, until something newer appears', async () => {
    await fleet.until('the first state is recorded', async () => (await historyOf('auto')).length > 0);
    const first = await fleet.revisionOf('auto');
    const bad = await fleet.repo.commit({ 'auto/settings.yaml': settings('b') });
    await fleet.until('the bad commit is live', () => live('auto') === 'b');
    await fleet.until('it is in the history', async () => (await historyOf('auto'))[0]?.revision === bad);
    const [, before] = await historyOf('auto');
    expect(await rollBack('auto', { historyId: before?.id ?? '' }, 'errors in checkout')).toBe(first);
    await fleet.until('the old state is back', () => live('auto') === 'a');
    const told = `RolledBack: rolled back to ${first.slice(0, 12)} by ada: errors in checkout`;
    await fleet.until('it says so', async () => (await fleet.conditionsOf('auto'))[0]?.startsWith(told) === true);
    expect((await fleet.verdicts())['auto']).toBe('Synced Healthy');
    expect((await historyOf('auto'))[0]).toMatchObject({
      kind: 'rollback',
      phase: 'Succeeded',
      revision: first,
      reason: 'errors in checkout',
      initiatedBy: 'ada',
    });

    // A commit that leaves its files as they were is nothing newer for it.
    const elsewhere = await fleet.repo.commit({ 'README.md': 'about' });
    await change('auto', () => Promise.resolve());
    await fleet.until('the repository was asked', async () => (await refOf('main')) === elsewhere);
    await change('auto', () => Promise.resolve());
    await fleet.settled();
    expect([live('auto'), await fleet.revisionOf('auto')]).toEqual(['a', first]);

    // Drift is repaired towards what is held.
    spoke.edit({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'auto', name: 'settings' }, (object) => {
      object['data'] = { text: 'by hand' };
    });
    await fleet.until('the drift is repaired', () => live('auto') === 'a');

    await fleet.repo.commit({ 'auto/settings.yaml': settings('c') });
    await fleet.until('the newer commit is live', () => live('auto') === 'c');
    await fleet.until('nothing is held', async () => (await fleet.conditionsOf('auto')).length === 0);
  });

  it('goes back by itself with a reverted commit, without a hold', async () => {
    await fleet.repo.git('revert', '--no-edit', 'HEAD');
    const reverted = await fleet.repo.git('rev-parse', 'HEAD');
    await fleet.until('the revert is looked at', async () => (await fleet.revisionOf('auto')) === reverted);
    expect(live('auto')).toBe('b');
    expect(await fleet.conditionsOf('auto')).toEqual([]);
  });

  it('stays at a pinned commit whatever is declared, until it is let go', async () => {
    const commit = await fleet.revisionOf('auto');
    await change('auto', (client, id) => holdRevision(client, id, { revision: commit, reason: 'audit', by: 'ada' }));
    await fleet.repo.commit({ 'auto/settings.yaml': settings('d') });
    await fleet.until('it says so', async () => (await fleet.conditionsOf('auto'))[0]?.startsWith('Pinned: ') === true);
    await fleet.settled();
    expect([live('auto'), await fleet.revisionOf('auto')]).toEqual(['b', commit]);
    await change('auto', (client, id) => letGo(client, id));
    await fleet.until('the newest is live', () => live('auto') === 'd');
  });

  it('keeps so many states to go back to, and one entry for all tries of a failing commit', async () => {
    const broken = await fleet.repo.commit({
      'auto/bad.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: Not_A_Name }\n',
    });
    const failures = async (): Promise<readonly Entry[]> =>
      (await historyOf('auto')).filter(({ phase }) => phase === 'Failed');
    await fleet.until('its tries are used up', async () => (await failures())[0]?.retries === 2);
    expect(await failures()).toMatchObject([{ kind: 'sync', revision: broken, initiatedBy: 'automated' }]);
    await fleet.repo.commit({ 'auto/bad.yaml': null, 'auto/settings.yaml': settings('e') });
    await fleet.until('it is well again', async () => (await historyOf('auto'))[0]?.phase === 'Succeeded');
    const restorable = (await historyOf('auto')).filter(({ kind, phase }) => phase === 'Succeeded' && kind !== 'heal');
    expect(restorable.length).toBe(3);
  });
});

describe('an Application that is synced by hand', () => {
  it('is brought to a commit that its history does not know', async () => {
    const first = (await fleet.repo.git('rev-list', '--max-parents=0', 'HEAD')).trim();
    await fleet.requestSync('manual');
    await fleet.until('it is live', () => live('manual') === 'a');
    await fleet.repo.commit({ 'manual/settings.yaml': settings('b') });
    await fleet.until('it is behind', async () => (await fleet.verdicts())['manual'] === 'OutOfSync Healthy');
    await fleet.requestSync('manual');
    await fleet.until('it follows', () => live('manual') === 'b');
    await rollBack('manual', { revision: first }, '');
    await fleet.until('it went back', () => live('manual') === 'a');
    await fleet.until('it says so', async () => (await fleet.revisionOf('manual')) === first);
  });

  it('goes nowhere that nobody can name', async () => {
    const refusals: readonly (readonly [Restore, string])[] = [
      [{ historyId: '999999' }, 'NotFound'],
      [{ historyId: '1; DROP' }, 'NotFound'],
      [{ revision: 'main' }, 'InvalidRequest'],
      [{ revision: 'abcdef1' }, 'NotFound'],
    ];
    for (const [to, code] of refusals) await expect(rollBack('manual', to, '')).rejects.toMatchObject({ code });
    await change('manual', (client, id) => letGo(client, id));
    await expect(change('manual', (client, id) => letGo(client, id))).rejects.toMatchObject({ code: 'Conflict' });
  });
});

async function refOf(revision: string): Promise<string | undefined> {
  const { rows } = await fleet.store.pool.query<{ commit: string }>(
    'SELECT commit FROM repository_refs WHERE revision = $1',
    [revision],
  );
  return rows[0]?.commit;
}
