import type { ApplicationSetSpec } from '@wheelwright/intent';
import { Catalogue } from '@wheelwright/intent/adapters';
import { AppError, ApplicationSetId, type Outcome } from '@wheelwright/kernel';
import type { Store } from '@wheelwright/platform-store';
import { createTestStore, type TestStore } from '@wheelwright/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DecisionsAnswer, FilesAnswer, PluginAnswer, PullRequestsAnswer, RepositoriesAnswer } from '../facts.js';
import type { Refusal, RevisionReader } from '../ports.js';
import type { Askers } from './gatherer.js';
import { SetExpander } from './set-expander.js';

const REPO = 'https://git.example.com/fleet.git';
const catalogue = new Catalogue();

/** The directories of repositories, as a spec sets them: absent is not read yet, an error is thrown. */
class TreesInMemory implements RevisionReader {
  readonly trees = new Map<string, readonly string[] | AppError>();

  async tree(
    repoURL: string,
    revision: string,
  ): Promise<{ commit: string; directories: readonly string[] } | 'pending'> {
    const found = this.trees.get(`${repoURL}#${revision}`);
    if (found instanceof AppError) throw found;
    return found === undefined ? 'pending' : { commit: 'c0ffee', directories: found };
  }

  readonly content = new Map<string, string>();

  async files(
    repoURL: string,
    revision: string,
    choose: (paths: readonly string[]) => readonly string[],
  ): Promise<FilesAnswer | 'pending'> {
    if (!this.trees.has(`${repoURL}#${revision}`)) return 'pending';
    const chosen = new Set(choose([...this.content.keys()]));
    const files = [...this.content].flatMap(([path, content]) => (chosen.has(path) ? [{ path, content }] : []));
    return { commit: 'c0ffee', files };
  }
}

/** What the world outside answers, as a spec sets it. */
class Answers implements Askers {
  pullRequestsOpen: readonly number[] = [];
  asked = 0;

  async repositories(): Promise<RepositoriesAnswer> {
    return Promise.reject(new AppError('SourceFailed', 'nobody lists repositories here'));
  }

  async pullRequests(): Promise<PullRequestsAnswer> {
    this.asked += 1;
    const fact = { title: '', branch: 'b', targetBranch: 'main', headSha: 'c0ffee00', author: 'ann', labels: [] };
    return { pullRequests: this.pullRequestsOpen.map((number) => ({ ...fact, number })) };
  }

  async plugin(): Promise<PluginAnswer> {
    return Promise.reject(new AppError('ExpandFailed', 'there is no ConfigMap'));
  }

  async decisions(): Promise<DecisionsAnswer> {
    return { matchKey: 'clusterName', entries: [{ clusterName: 'c1' }, { clusterName: 'nowhere' }], clusters: [] };
  }
}

let test: TestStore;
let store: Store;
let trees: TreesInMemory;
let expander: SetExpander;
let refusals: readonly Refusal[] = [];
let askers: Answers;

beforeAll(async () => {
  test = await createTestStore();
  store = test.store;
});
afterAll(() => test.drop());
beforeEach(async () => {
  trees = new TreesInMemory();
  askers = new Answers();
  refusals = [];
  expander = new SetExpander({
    store,
    catalogue,
    revisions: trees,
    askers,
    admission: { check: () => Promise.resolve(refusals) },
    clock: { nowMs: () => Date.now() },
  });
  await store.pool.query(
    `TRUNCATE clusters, applications, application_sets, projects, repositories, application_rollups, outbox, held_deletions CASCADE`,
  );
});

async function insertClusters(count: number, prefix = 'c'): Promise<void> {
  await store.pool.query(
    `INSERT INTO clusters (name, server, labels)
     SELECT $1 || i, 'https://' || $1 || i, '{"env": "prod", "region": "eu"}' FROM generate_series(1, $2) AS i`,
    [prefix, count],
  );
}

async function declare(name: string, spec: Partial<ApplicationSetSpec> = {}): Promise<ApplicationSetId> {
  const object = {
    metadata: { name, namespace: 'argocd', labels: {}, annotations: {}, finalizers: [] },
    spec: {
      goTemplate: false,
      generators: [{ clusters: { selector: { matchLabels: { env: 'prod' } } } }],
      template: {
        metadata: { name: `${name}-{{name}}` },
        spec: {
          project: 'default',
          source: { repoURL: REPO, path: 'web/{{metadata.labels.region}}' },
          destination: { server: '{{server}}', namespace: 'web' },
        },
      },
      ...spec,
    },
  };
  await store.tx((client) => catalogue.applyObjects(client, [{ kind: 'ApplicationSet', object }], { dryRun: false }));
  const { rows } = await store.pool.query<{ id: string }>('SELECT id FROM application_sets WHERE name = $1', [name]);
  return ApplicationSetId(rows[0]?.id ?? '');
}

const gitSpec: Partial<ApplicationSetSpec> = {
  generators: [{ git: { repoURL: REPO, revision: 'HEAD', directories: [{ path: 'apps/*' }] } }],
  template: {
    metadata: { name: '{{path.basename}}' },
    spec: {
      project: 'default',
      source: { repoURL: REPO, path: '{{path}}' },
      destination: { server: 'https://c1', namespace: 'web' },
    },
  },
};

async function column<T>(sql: string, values: unknown[] = []): Promise<T[]> {
  const { rows } = await store.pool.query<[T]>({ text: sql, values, rowMode: 'array' });
  return rows.map(([first]) => first);
}

interface Status {
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
  }[];
  readonly issues: readonly { readonly code: string }[];
  readonly application_count: number;
  readonly next_expand_at: Date | null;
}

async function statusOf(id: ApplicationSetId): Promise<Status> {
  const { rows } = await store.pool.query<Status>('SELECT * FROM application_set_status WHERE set_id = $1', [id]);
  if (rows[0] === undefined) throw new Error('the set has no status');
  return rows[0];
}

const brief = ({ conditions }: Status): string[] =>
  conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`);

/** Everything that a run could have written, by row version. */
const versions = (): Promise<string[]> =>
  column(`SELECT xmin::text FROM applications UNION ALL SELECT xmin::text FROM application_set_status
    UNION ALL SELECT xmin::text FROM application_due UNION ALL SELECT xmin::text FROM outbox UNION ALL SELECT xmin::text FROM held_deletions`);

async function expandAll(...ids: ApplicationSetId[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const id of ids) outcomes.push(await expander.expandSet(id));
  return outcomes;
}

describe('SetExpander', () => {
  it('expands 500 clusters cold, and does not write a row the second time', async () => {
    await insertClusters(500);
    const id = await declare('all');
    expect(await expander.expandSet(id)).toEqual({ kind: 'done' });
    expect(await column('SELECT count(*)::int FROM applications WHERE set_id = $1', [id])).toEqual([500]);
    const status = await statusOf(id);
    expect(status.application_count).toBe(500);
    expect(status.issues).toEqual([]);
    expect(brief(status)).toEqual([
      'ErrorOccurred=False ApplicationSetUpToDate',
      'ParametersGenerated=True ParametersGenerated',
      'ResourcesUpToDate=True ApplicationSetUpToDate',
    ]);
    const before = await versions();
    expect(await expander.expandSet(id)).toEqual({ kind: 'done' });
    expect(await versions()).toEqual(before);
  });

  it('touches only the row that a changed label concerns', async () => {
    await insertClusters(20);
    const id = await declare('all');
    await expander.expandSet(id);
    const others = `SELECT xmin::text FROM applications WHERE name <> 'all-c7' ORDER BY name`;
    const before = await column(others);
    await store.pool.query(`UPDATE clusters SET labels = labels || '{"region": "us"}' WHERE name = 'c7'`);
    await expander.expandSet(id);
    expect(await column(others)).toEqual(before);
    expect(await column(`SELECT source_path FROM applications WHERE name = 'all-c7'`)).toEqual(['web/us']);
    expect(await column(`SELECT count(*)::int FROM application_due WHERE seq = 2`)).toEqual([1]);
  });

  it('does not look at labels that no generator reads', async () => {
    await insertClusters(2);
    const id = await declare('fixed', { generators: [{ list: { elements: [{ name: 'c1', server: 'https://c1' }] } }] });
    await expander.expandSet(id);
    const before = await versions();
    await store.pool.query(`UPDATE clusters SET labels = '{}'`);
    await expander.expandSet(id);
    expect(await versions()).toEqual(before);
  });

  it('deletes nothing when one generator cannot be read, and says why', async () => {
    await insertClusters(1);
    const id = await declare('apps', gitSpec);
    trees.trees.set(`${REPO}#HEAD`, ['apps', 'apps/api', 'apps/web']);
    await expander.expandSet(id);
    expect(await column('SELECT name FROM applications ORDER BY name')).toEqual(['api', 'web']);
    const before = await column('SELECT xmin::text FROM applications');
    trees.trees.set(`${REPO}#HEAD`, new AppError('SourceFailed', 'the repository does not answer'));
    expect(await expander.expandSet(id)).toMatchObject({ kind: 'retry', error: { code: 'SourceFailed' } });
    expect(await column('SELECT xmin::text FROM applications')).toEqual(before);
    const status = await statusOf(id);
    expect(status.conditions[0]).toMatchObject({
      type: 'ErrorOccurred',
      status: 'True',
      message: 'the repository does not answer',
    });
    expect(status.application_count).toBe(2);
    expect(status.next_expand_at?.getTime()).toBeGreaterThan(Date.now());
    trees.trees.set(`${REPO}#HEAD`, ['apps', 'apps/api', 'apps/web']);
    await expander.expandSet(id);
    expect(brief(await statusOf(id))[0]).toBe('ErrorOccurred=False ApplicationSetUpToDate');
  });

  it('changes nothing for a set that asks for what is not supported, and is stalled until it changes', async () => {
    await insertClusters(3);
    const id = await declare('all');
    await expander.expandSet(id);
    await declare('all', { generators: [{ clusters: {} }, { matrix: { generators: [] } }] });
    expect(await expander.expandSet(id)).toMatchObject({ kind: 'stalled', error: { code: 'ExpandFailed' } });
    expect(await column('SELECT count(*)::int FROM applications WHERE deletion_requested_at IS NULL')).toEqual([3]);
    const before = await versions();
    expect(await expander.expandSet(id)).toEqual({ kind: 'done' });
    expect(await versions()).toEqual(before);
    expect(brief(await statusOf(id))[0]).toBe('ErrorOccurred=True ApplicationGenerationFromParamsError');
    expect((await statusOf(id)).issues.map(({ code }) => code)).toEqual(['ExpandFailed']);
  });

  it('waits for a repository that has not been read yet', async () => {
    const directories = [{ path: 'apps/' }];
    const id = await declare('apps', {
      ...gitSpec,
      generators: [{ git: { repoURL: REPO, revision: 'HEAD', directories } }],
    });
    expect(await expander.expandSet(id)).toMatchObject({ kind: 'retry' });
    expect((await statusOf(id)).issues.map(({ code }) => code)).toEqual(['TrailingSlash']);
    const status = await statusOf(id);
    expect(status.conditions[1]).toMatchObject({
      type: 'ParametersGenerated',
      status: 'False',
      message: `waits for the first read of ${REPO}`,
    });
    const before = await versions();
    await expander.expandSet(id);
    expect(await versions()).toEqual(before);
  });

  it('holds a mass removal until it is approved', async () => {
    await insertClusters(10);
    const id = await declare('all');
    await expander.expandSet(id);
    await store.pool.query(`UPDATE clusters SET labels = '{}' WHERE name > 'c5'`);
    await expander.expandSet(id);
    expect(await column('SELECT count(*)::int FROM applications WHERE deletion_requested_at IS NOT NULL')).toEqual([0]);
    expect((await statusOf(id)).conditions[2]).toMatchObject({
      type: 'ResourcesUpToDate',
      status: 'False',
      reason: 'DeleteApplicationError',
    });
    await expander.expandSet(id);
    await store.tx((client) => catalogue.approveDeletion(client, { set: 'all' }, { name: 'ann' }));
    await expander.expandSet(id);
    expect(await column('SELECT name FROM applications WHERE deletion_requested_at IS NOT NULL ORDER BY name')).toEqual(
      ['all-c6', 'all-c7', 'all-c8', 'all-c9'],
    );
    expect(brief(await statusOf(id))[2]).toBe('ResourcesUpToDate=True ApplicationSetUpToDate');
  });

  it('does not give one set what another one claimed first', async () => {
    await insertClusters(2);
    const template = {
      metadata: { name: 'web-{{name}}' },
      spec: { destination: { server: '{{server}}' }, source: { repoURL: REPO, path: 'web' } },
    };
    const [first, second] = [await declare('first', { template }), await declare('second', { template })];
    await expandAll(first, second);
    expect(await column('SELECT count(*)::int FROM applications WHERE set_id = $1', [first])).toEqual([2]);
    const status = await statusOf(second);
    expect(status.issues.map(({ code }) => code)).toEqual(['NameTaken', 'NameTaken']);
    expect(status.conditions[0]).toMatchObject({
      status: 'True',
      reason: 'CreateApplicationError',
      message: 'web-c2: it belongs to the set first (and 1 more)',
    });
    expect(status.next_expand_at).not.toBeNull();
  });

  it('creates the valid ones, keeps those that turned invalid, and has the others looked at when what they miss appears', async () => {
    await insertClusters(3);
    const template = {
      metadata: { name: '{{name}}' },
      spec: {
        project: '{{metadata.labels.project}}',
        destination: { server: '{{server}}' },
        source: { repoURL: REPO, path: 'web' },
      },
    };
    await store.pool.query(`UPDATE clusters SET labels = labels || '{"project": "default"}'`);
    const id = await declare('all', { template });
    await expander.expandSet(id);
    await store.pool.query(`UPDATE clusters SET labels = labels || '{"project": "labs"}' WHERE name = 'c2'`);
    await expander.expandSet(id);
    expect(await column('SELECT count(*)::int FROM applications WHERE deletion_requested_at IS NULL')).toEqual([3]);
    expect((await statusOf(id)).conditions[0]).toMatchObject({ status: 'True', reason: 'ApplicationValidationError' });
    await store.pool.query('TRUNCATE outbox');
    const project = {
      metadata: { name: 'labs', namespace: 'argocd', labels: {}, annotations: {}, finalizers: [] },
      spec: {},
    };
    await store.tx((client) =>
      catalogue.applyObjects(client, [{ kind: 'AppProject', object: project }], { dryRun: false }),
    );
    expect(await column('SELECT key FROM outbox WHERE queue = $1', ['expand'])).toEqual([id]);
    await expander.expandSet(id);
    expect(await column(`SELECT project FROM applications ORDER BY name`)).toEqual(['default', 'labs', 'default']);
  });

  it('comes to the same when two workers expand one set at once', async () => {
    await insertClusters(50);
    const id = await declare('all');
    await Promise.all([expander.expandSet(id), expander.expandSet(id), expander.expandSet(id)]);
    expect(await column('SELECT count(*)::int FROM applications')).toEqual([50]);
    expect(await column('SELECT sum(count)::int FROM application_rollups')).toEqual([50]);
    expect(await column('SELECT DISTINCT seq::int FROM application_due')).toEqual([1]);
  });

  it('has nothing to do for a set that is gone', async () => {
    expect(await expander.expandSet(ApplicationSetId('00000000-0000-0000-0000-000000000001'))).toEqual({
      kind: 'done',
    });
  });
});

describe('SetExpander and what a set reads besides', () => {
  const dependencies = (id: ApplicationSetId): Promise<string[]> =>
    column(
      `SELECT concat_ws(' ', kind, subject, revision, pattern) FROM set_dependencies WHERE set_id = $1 ORDER BY 1`,
      [id],
    );

  const template = (name: string, project = 'default'): ApplicationSetSpec['template'] => ({
    metadata: { name },
    spec: { project, source: { repoURL: REPO, path: 'web' }, destination: { server: 'https://c1', namespace: 'web' } },
  });

  it('follows a repository that another generator names, and records that it was read', async () => {
    await insertClusters(1);
    await store.pool.query(`INSERT INTO repositories (id, url) VALUES ('00000000-0000-0000-0000-00000000000a', $1)`, [
      'https://git.example.com/fleet',
    ]);
    trees.trees.set(`${REPO}#main`, ['apps', 'apps/web']);
    const git = { repoURL: '{{repo}}', revision: 'main', directories: [{ path: 'apps/*' }] };
    const generators = [{ matrix: { generators: [{ list: { elements: [{ repo: REPO }] } }, { git }] } }];
    const id = await declare('open', { generators, template: template('{{path.basename}}') });
    expect(await dependencies(id)).toEqual([]);
    expect(await expander.expandSet(id)).toEqual({ kind: 'done' });
    expect(await column('SELECT name FROM applications')).toEqual(['web']);
    expect(await dependencies(id)).toEqual(['repository 00000000-0000-0000-0000-00000000000a main directories:']);
  });

  it('reads the files that the patterns choose', async () => {
    await insertClusters(1);
    trees.trees.set(`${REPO}#HEAD`, []);
    trees.content.set('envs/eu.json', '{"env": "eu"}').set('envs/us.yaml', 'env: us').set('README.md', '# no data');
    const git = { repoURL: REPO, revision: 'HEAD', files: [{ path: 'envs/*' }] };
    const id = await declare('files', { generators: [{ git }], template: template('web-{{env}}') });
    await expander.expandSet(id);
    expect(await column('SELECT name FROM applications ORDER BY name')).toEqual(['web-eu', 'web-us']);
  });

  it('asks a Git host again when its time has come, and not before', async () => {
    await insertClusters(1);
    askers.pullRequestsOpen = [7];
    const pullRequest = { github: { owner: 'Acme', repo: 'Shop' }, requeueAfterSeconds: 60 };
    const id = await declare('prs', { generators: [{ pullRequest }], template: template('pr-{{number}}') });
    await expander.expandSet(id);
    expect(await column('SELECT name FROM applications')).toEqual(['pr-7']);
    expect(await dependencies(id)).toEqual(['pullRequests acme/shop  ']);
    const next = async (): Promise<number> => (await statusOf(id)).next_expand_at?.getTime() ?? 0;
    expect(Math.abs((await next()) - Date.now() - 60_000)).toBeLessThan(15_000);
    const before = await versions();
    await expander.expandSet(id);
    expect(await versions()).toEqual(before);
    await store.pool.query(`UPDATE application_set_status SET next_expand_at = now() - interval '1 second'`);
    askers.pullRequestsOpen = [7, 8];
    await expander.expandSet(id);
    expect(await column('SELECT name FROM applications ORDER BY name')).toEqual(['pr-7', 'pr-8']);
    expect(await next()).toBeGreaterThan(Date.now());
  });

  it('reads the spokes that decisions name as they are registered now', async () => {
    await insertClusters(1);
    const id = await declare('placed', {
      generators: [{ clusterDecisionResource: { configMapRef: 'placement', name: 'all' } }],
      template: template('web-{{name}}'),
    });
    await expander.expandSet(id);
    expect(await column('SELECT name FROM applications')).toEqual(['web-c1']);
  });

  it('says what a Git host answered when it cannot be read, and removes nothing', async () => {
    const id = await declare('org', {
      generators: [{ scmProvider: { github: { organization: 'acme' } } }],
      template: template('{{repository}}'),
    });
    expect(await expander.expandSet(id)).toMatchObject({ kind: 'retry', error: { code: 'SourceFailed' } });
    expect((await statusOf(id)).conditions[0]?.message).toBe('nobody lists repositories here');
  });

  it('tries a set that lacks an input again, and has it found by what it lacks', async () => {
    const id = await declare('costs', {
      generators: [{ plugin: { configMapRef: { name: 'costs' } } }],
      template: template('{{name}}'),
    });
    expect(await expander.expandSet(id)).toMatchObject({ kind: 'stalled', error: { code: 'ExpandFailed' } });
    expect(await dependencies(id)).toEqual(['input ConfigMap/argocd/costs  ']);
    expect((await statusOf(id)).next_expand_at?.getTime()).toBeGreaterThan(Date.now());
  });

  it('neither writes nor removes what a project denies, and expands again when the project changes', async () => {
    await insertClusters(2);
    const id = await declare('all');
    await expander.expandSet(id);
    refusals = [{ name: 'all-c1', message: 'project default does not permit it' }];
    const before = await column('SELECT xmin::text FROM applications');
    await expander.expandSet(id);
    expect(await column('SELECT xmin::text FROM applications')).toEqual(before);
    const status = await statusOf(id);
    expect(status.issues.map(({ code }) => code)).toEqual(['ProjectDenied']);
    expect(brief(status)[0]).toBe('ErrorOccurred=True ApplicationValidationError');
    expect(await dependencies(id)).toContain('missing-project default  ');
  });

  it('records the destinations that it missed, and is expanded when one of them comes', async () => {
    const elements = [{ server: 'https://c1' }, { server: 'https://nowhere/' }];
    await insertClusters(1);
    const id = await declare('fixed', {
      generators: [{ list: { elements } }],
      template: {
        metadata: { name: 'web-{{server}}' },
        spec: { source: { repoURL: REPO, path: 'web' }, destination: { server: '{{server}}' } },
      },
    });
    await expander.expandSet(id);
    expect(await dependencies(id)).toEqual(['missing server:https://nowhere  ']);
  });

  it('expands at once when it is asked to, and takes the request back', async () => {
    await insertClusters(1);
    const id = await declare('all');
    await expander.expandSet(id);
    const [digest] = await column('SELECT digest FROM application_sets');
    await store.pool.query(
      `UPDATE application_sets SET annotations = '{"argocd.argoproj.io/application-set-refresh": "true", "note": "kept"}', digest = 'with it'`,
    );
    expect(await expander.expandSet(id)).toEqual({ kind: 'done' });
    expect(await column('SELECT annotations FROM application_sets')).toEqual([{ note: 'kept' }]);
    expect(await column('SELECT digest FROM application_sets')).not.toEqual([digest]);
    const before = await versions();
    await expander.expandSet(id);
    expect(await versions()).toEqual(before);
  });

  it('says how many Applications an empty result concerns', async () => {
    await insertClusters(3);
    const id = await declare('all');
    await expander.expandSet(id);
    await store.pool.query(`UPDATE clusters SET labels = '{}'`);
    await expander.expandSet(id);
    const { issues } = await statusOf(id);
    expect(issues.find(({ code }) => code === 'EmptyResult')).toMatchObject({
      message: 'no Application results. 3 that exist would go, and wait for an approval.',
    });
  });

  it('expands without writing, with another revision, and waits for what was not read before', async () => {
    await insertClusters(1);
    const id = await declare('apps', gitSpec);
    const { rows } = await store.pool.query<{ spec: ApplicationSetSpec }>('SELECT spec FROM application_sets');
    const spec = rows[0]?.spec;
    if (spec === undefined) throw new Error('the set is not there');
    const set = { metadata: { name: 'apps', namespace: 'argocd', labels: {}, annotations: {}, finalizers: [] }, spec };
    trees.trees.set(`${REPO}#topic`, ['apps', 'apps/new']);
    const { signal } = new AbortController();
    const prepared = await expander.prepare(set, { override: { revision: 'topic' }, signal });
    const { applications } = await prepared.expandOn(store.pool);
    expect(applications.map(({ application }) => application.metadata.name)).toEqual(['new']);
    expect(await column('SELECT count(*)::int FROM applications WHERE set_id = $1', [id])).toEqual([0]);
    await expect(expander.prepare(set, { signal: AbortSignal.timeout(600) })).rejects.toMatchObject({
      code: 'Unavailable',
    });
  });
});
