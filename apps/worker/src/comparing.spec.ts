// Rules to ignore differences, from an Application and from argocd-cm, and drifts that somebody keeps making: a worker on a simulated spoke.
import { startSpokeSim, type SimulatedSpoke, type SpokeSim } from '@wheelwright/spoke-sim';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestFleet } from './testing/test-fleet.js';

const CONFIG_MAP = `apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: { text: one, keep-a: one, keep-b: one }
`;

const application = (name: string, spec: string): string => `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: ${name} }
spec:
  project: default
  source: { repoURL: 'REPO', path: web, targetRevision: main }
  destination: { name: one, namespace: ${name} }
  syncPolicy: { ${spec.includes('manual') ? '' : 'automated: { selfHeal: true }, '}syncOptions: [CreateNamespace=true] }
${spec.replace('manual', '')}`;

const RULE = `  ignoreDifferences:
    - { kind: ConfigMap, jqPathExpressions: ['.data | to_entries[] | select(.key | startswith("keep-"))', '.data[(.data | keys[] | select(startswith("keep-")))]'] }
`;

const settings = (data: string): string => `apiVersion: v1
kind: ConfigMap
metadata: { name: argocd-cm, namespace: argocd }
data: ${data}
`;

describe('comparing on a simulated spoke', () => {
  let sim: SpokeSim;
  let fleet: TestFleet;
  let spoke: SimulatedSpoke;
  const ref = (namespace: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'settings' });
  const read = (namespace: string): unknown => spoke.get(ref(namespace))?.['data'];
  const write = (namespace: string, data: Readonly<Record<string, string>>): void => {
    spoke.edit(ref(namespace), (object) => {
      object['data'] = { text: 'one', 'keep-a': 'one', 'keep-b': 'one', ...data };
    });
  };
  const verdict = async (name: string): Promise<string | undefined> => (await fleet.verdicts())[name];
  const apply = (yaml: string): Promise<void> => fleet.apply(yaml.replaceAll('REPO', fleet.repo.url));

  beforeAll(async () => {
    sim = await startSpokeSim({ controllerDelayMs: 20 });
    fleet = await TestFleet.create();
    spoke = sim.addCluster('one');
    await fleet.repo.commit({ 'web/settings.yaml': CONFIG_MAP });
    await fleet.startWorker();
    await fleet.register({ name: spoke.name, url: spoke.url, token: spoke.token });
  });
  afterAll(async () => {
    await fleet.close();
    await sim.close();
  });

  it('leaves alone what a jq expression names, tells which one fails, and looks again when the rule goes', async () => {
    await apply(application('ruled', RULE));
    await fleet.until('it is there', () => read('ruled') !== undefined);
    await fleet.settled();
    write('ruled', { 'keep-b': 'by hand' });
    await fleet.until('the failing expression is told', async () =>
      (await fleet.conditionsOf('ruled')).some((text) => /^IgnoreDifferencesWarning: .*to_entries.*skipped/.test(text)),
    );
    expect(await verdict('ruled')).toContain('Synced');
    expect(read('ruled')).toMatchObject({ 'keep-b': 'by hand' });
    await apply(application('ruled', ''));
    await fleet.until('the drift is repaired', () => JSON.stringify(read('ruled')).includes('"keep-b":"one"'));
  });

  it('takes rules of argocd-cm as they come and go', async () => {
    await apply(settings(`{ resource.customizations.ignoreDifferences.ConfigMap: 'jsonPointers: [/data/text]' }`));
    await apply(application('system', ''));
    await fleet.until('it is there', () => read('system') !== undefined);
    await fleet.settled();
    write('system', { text: 'by hand' });
    await fleet.swept(3);
    expect(read('system')).toMatchObject({ text: 'by hand' });
    await apply(settings('{}'));
    await fleet.until('the drift is repaired', () => JSON.stringify(read('system')).includes('"text":"one"'));
  });

  it('names who keeps writing what it repairs', async () => {
    await apply(application('contested', ''));
    await fleet.until('it is there', () => read('contested') !== undefined);
    await fleet.until('the contest is told', async () => {
      if (JSON.stringify(read('contested')).includes('"text":"one"')) write('contested', { text: 'again' });
      return (await fleet.conditionsOf('contested')).includes(
        'SelfHealContested: kubectl-edit keeps writing data.text of ConfigMap contested/settings',
      );
    });
  });
});
