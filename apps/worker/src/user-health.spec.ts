// Health checks that users keep in argocd-cm, as a worker judges by them on a simulated spoke.
import { startSpokeSim, type SimulatedSpoke, type SpokeSim } from '@wheelwright/spoke-sim';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestFleet } from './testing/test-fleet.js';

const settings = (text: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { text: '${text}' }\n`;
const application = (name: string): string => `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: ${name} }
spec:
  project: default
  source: { repoURL: 'REPO', path: ${name}, targetRevision: main }
  destination: { name: one, namespace: default }
  syncPolicy: { automated: { prune: true } }
`;
const checks = (data: Readonly<Record<string, string>>): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm', namespace: 'argocd' }, data });
const BY_TEXT = `
  if obj.data.text == 'loop' then while true do end end
  hs = { status = "Degraded", message = "the text is " .. obj.data.text }
  if obj.data.text == "good" then hs.status = "Healthy" end
  return hs`;

let sim: SpokeSim;
let spoke: SimulatedSpoke;
let fleet: TestFleet;
beforeAll(async () => {
  sim = await startSpokeSim({ controllerDelayMs: 20 });
  spoke = sim.addCluster('one');
  fleet = await TestFleet.create();
  await fleet.startWorker();
  await fleet.register({ name: 'one', url: spoke.url, token: spoke.token });
});
afterAll(async () => {
  await fleet.close();
  await sim.close();
});

const verdict = (text: string): Promise<void> =>
  fleet.until(text, async () => (await fleet.verdicts())['checked'] === text);
const messageOf = async (): Promise<string> => {
  const { rows } = await fleet.store.pool.query<{ message: string }>(
    `SELECT health_message AS message FROM resources WHERE kind = 'ConfigMap'`,
  );
  return rows[0]?.message ?? '';
};

it('decides what is healthy: of new objects, of changed ones, and of all when it changes or goes', async () => {
  await fleet.apply(checks({ 'resource.customizations.health.ConfigMap': BY_TEXT }));
  await fleet.repo.commit({ 'checked/settings.yaml': settings('bad') });
  await fleet.apply(application('checked').replaceAll('REPO', fleet.repo.url));
  await verdict('Synced Degraded');
  expect(await messageOf()).toBe('the text is bad');
  await fleet.repo.commit({ 'checked/settings.yaml': settings('good') });
  await verdict('Synced Healthy');
  const paused = `ConfigMap:\n  health.lua: |\n    return { status = "Suspended", message = "all" }\n`;
  await fleet.apply(checks({ 'resource.customizations': paused }));
  await verdict('Synced Suspended');
  await fleet.apply(checks({}));
  await verdict('Synced Healthy');
  expect(await messageOf()).toBe('');
});

it('that never ends leaves the object unknown, and the worker at work', async () => {
  await fleet.apply(checks({ 'resource.customizations.health.ConfigMap': BY_TEXT }));
  await fleet.repo.commit({ 'checked/settings.yaml': settings('loop') });
  await verdict('Synced Unknown');
  expect(await messageOf()).toBe('lua error: it ran for more than 1000 ms');
  await fleet.repo.commit({ 'checked/settings.yaml': settings('good') });
  await verdict('Synced Healthy');
});

it('has the bodies of its kind watched', async () => {
  spoke.edit({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'settings' }, (object) => {
    object['data'] = { text: 'by hand' };
  });
  await verdict('OutOfSync Degraded');
  expect(await messageOf()).toBe('the text is by hand');
});
