// Previews of sets from end to end of the worker: a real repository, the real catalogue, and nothing of it left behind.
import { parseDocuments, type ApplicationSet } from '@wheelwright/intent';
import { PreviewDesk } from '@wheelwright/expand/adapters';
import type { PreviewRequest, SetPreview } from '@wheelwright/expand';
import { openSignals, type Signals } from '@wheelwright/platform-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestFleet } from './testing/test-fleet.js';

const set = (
  options: { readonly pattern?: string; readonly project?: string; readonly label?: string } = {},
): string => `
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: { name: teams }
spec:
  generators:
    - git: { repoURL: 'REPO', revision: main, directories: [{ path: '${options.pattern ?? 'teams/*'}' }] }
  template:
    metadata: { name: '{{path.basename}}', labels: { tier: ${options.label ?? 'one'} } }
    spec:
      project: ${options.project ?? 'default'}
      source: { repoURL: 'REPO', targetRevision: main, path: '{{path}}' }
      destination: { server: 'https://kubernetes.default.svc', namespace: '{{path.basename}}' }
`;
const file = (name: string): Readonly<Record<string, string>> => ({
  [`teams/${name}/settings.yaml`]: `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\n`,
});

describe('previews of sets', () => {
  let fleet: TestFleet;
  let signals: Signals;
  let desk: PreviewDesk;

  beforeAll(async () => {
    fleet = await TestFleet.create();
    await fleet.repo.commit({ ...file('a'), ...file('b'), ...file('c') });
    await fleet.startWorker();
    signals = await openSignals(fleet.store);
    desk = new PreviewDesk({ store: fleet.store, signals });
  });
  afterAll(async () => {
    await signals.close();
    await fleet.close();
  });

  const read = (yaml: string): ApplicationSet => {
    const { objects, faults } = parseDocuments(yaml.replaceAll('REPO', fleet.repo.url));
    const [first] = objects;
    if (first?.kind !== 'ApplicationSet') throw new Error(JSON.stringify(faults));
    return first.object;
  };
  const ask = (request: PreviewRequest): Promise<SetPreview> => desk.ask(request, { actor: 'ada', deadlineMs: 20_000 });
  const declared = async (): Promise<unknown> =>
    (
      await fleet.store.pool.query(
        `SELECT (SELECT jsonb_agg(to_jsonb(a) ORDER BY a.id) FROM applications a) AS applications,
           (SELECT jsonb_agg(to_jsonb(s) ORDER BY s.id) FROM application_sets s) AS sets, (SELECT count(*) FROM held_deletions) AS held`,
      )
    ).rows;

  it('says of a set that nobody declared what it would create, and why, and writes none of it', async () => {
    const before = await declared();
    const preview = await ask({ set: read(set()) });
    expect(preview).toMatchObject({
      set: 'teams',
      exists: false,
      counts: { create: 3, change: 0, unchanged: 0, refuse: 0, invalid: 0, remove: 0, handOver: 0 },
      held: null,
    });
    expect(preview.applications[0]).toMatchObject({
      name: 'a',
      action: 'create',
      origin: { generator: '/spec/generators/0/git', params: { path: 'teams/a', 'path.basename': 'a' } },
    });
    expect(await declared()).toEqual(before);
  });

  it('tells changes field by field and removals, held where the budget holds them', async () => {
    await fleet.apply(set().replaceAll('REPO', fleet.repo.url));
    await fleet.until('the set is expanded', async () => Object.keys(await fleet.verdicts()).length === 3);
    const before = await declared();
    expect((await ask({ set: { name: 'teams' } })).counts).toMatchObject({ unchanged: 3, create: 0, change: 0 });
    const changed = await ask({ set: read(set({ label: 'two', pattern: 'teams/[ab]' })) });
    expect(changed.counts).toMatchObject({ change: 2, remove: 1 });
    expect(changed.applications[0]).toMatchObject({
      name: 'a',
      action: 'change',
      differences: [{ pointer: '/metadata/labels/tier', before: 'one', after: 'two' }],
    });
    expect(changed.removed).toEqual([{ name: 'c', cascade: true, resources: expect.any(Number) as unknown }]);
    const emptied = await ask({ set: read(set({ pattern: 'teams/' })) });
    expect(emptied.counts.remove).toBe(3);
    expect(emptied.held).toContain('3 of 3');
    expect(emptied.issues.map(({ code }) => code)).toEqual(expect.arrayContaining(['TrailingSlash', 'EmptyResult']));
    expect(await declared()).toEqual(before);
  });

  it('reads another revision instead: what a branch would bring', async () => {
    const branch = await fleet.repo.commit({ ...file('d'), 'teams/b/settings.yaml': null });
    await fleet.repo.git('branch', 'feature', branch);
    await fleet.repo.git('reset', '--hard', 'HEAD~1');
    const preview = await ask({ set: { name: 'teams' }, revision: 'feature' });
    expect(preview.applications.map(({ name, action }) => `${name} ${action}`)).toEqual([
      'a unchanged',
      'c unchanged',
      'd create',
    ]);
    expect(preview.removed.map(({ name }) => name)).toEqual(['b']);
    const elsewhere = { revision: 'feature', repoURL: 'https://git.example.com/other' };
    expect((await ask({ set: { name: 'teams' }, ...elsewhere })).counts).toMatchObject({ unchanged: 3 });
  });

  it('knows what would be declared along with the set', async () => {
    const along = parseDocuments(
      `apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: { name: labs }\nspec: { sourceRepos: ['*'], destinations: [{ name: in-cluster, namespace: '*' }] }\n`,
    ).objects.flatMap((object) => (object.kind === 'AppProject' ? [object] : []));
    const request = { set: read(set({ project: 'labs' })) };
    expect((await ask(request)).counts).toMatchObject({ invalid: 3 });
    expect((await ask({ ...request, along })).counts).toMatchObject({ change: 3, invalid: 0 });
  });

  it('answers with the error that the expansion would meet', async () => {
    await expect(ask({ set: { name: 'nobody' } })).rejects.toMatchObject({ code: 'NotFound' });
    const missing = { set: { name: 'teams' }, revision: 'no-such-branch' };
    await expect(ask(missing)).rejects.toMatchObject({ code: 'SourceFailed' });
  });

  it('says that no worker answers where none does', async () => {
    const lonely = await TestFleet.create();
    const own = await openSignals(lonely.store);
    const asked = new PreviewDesk({ store: lonely.store, signals: own }).ask(
      { set: { name: 'teams' } },
      { actor: 'ada', deadlineMs: 300 },
    );
    await expect(asked).rejects.toMatchObject({ code: 'Unavailable' });
    await own.close();
    await lonely.close();
  });
});
