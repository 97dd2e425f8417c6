// Defaults of the kinds that govern a cluster: CRDs, webhooks, limits. Each changes its input, which is the caller's own copy.
import { ensureMap, isMap, mapAt, mapsAt, textAt, type JsonMap, type SimObject } from './json.js';
import { setDefault } from './pod-defaults.js';
import { canonicalAmounts } from './quantity.js';

/** Names that follow from the kind, and the versions that have been stored. */
export function defaultCrd(crd: SimObject): void {
  const spec = ensureMap(crd, 'spec');
  const names = ensureMap(spec, 'names');
  setDefault(names, 'singular', textAt(names, 'kind').toLowerCase());
  setDefault(names, 'listKind', `${textAt(names, 'kind')}List`);
  setDefault(spec, 'conversion', { strategy: 'None' });
  const stored = mapsAt(spec, 'versions').filter((version) => version.storage === true);
  const status = ensureMap(crd, 'status');
  if (status.conditions === undefined) status.conditions = null;
  setDefault(status, 'acceptedNames', { plural: '', kind: '' });
  setDefault(
    status,
    'storedVersions',
    stored.map((version) => textAt(version, 'name')),
  );
}

/** What a webhook is called for, and how long it may take. */
export function defaultWebhooks(configuration: SimObject): void {
  for (const webhook of mapsAt(configuration, 'webhooks')) {
    const service = mapAt(webhook, 'clientConfig').service;
    if (isMap(service)) setDefault(service, 'port', 443);
    for (const rule of mapsAt(webhook, 'rules')) setDefault(rule, 'scope', '*');
    setDefault(webhook, 'failurePolicy', 'Fail');
    setDefault(webhook, 'matchPolicy', 'Equivalent');
    setDefault(webhook, 'namespaceSelector', {});
    setDefault(webhook, 'objectSelector', {});
    setDefault(webhook, 'timeoutSeconds', 10);
    if (configuration.kind === 'MutatingWebhookConfiguration') setDefault(webhook, 'reinvocationPolicy', 'Never');
  }
}

/** The request that a container gets by default is the limit that it gets by default. */
export function defaultLimitRange(range: SimObject): void {
  for (const limit of mapsAt(mapAt(range, 'spec'), 'limits')) {
    for (const field of ['default', 'defaultRequest', 'max', 'min', 'maxLimitRequestRatio'])
      canonicalAmounts(limit, field);
    if (limit.type !== 'Container') continue;
    fill(limit, 'default', 'max');
    fill(limit, 'defaultRequest', 'default');
    fill(limit, 'defaultRequest', 'min');
  }
}

function fill(limit: JsonMap, field: string, from: string): void {
  const source = limit[from];
  if (!isMap(source)) return;
  const amounts = ensureMap(limit, field);
  for (const [name, amount] of Object.entries(source)) if (amount !== undefined) setDefault(amounts, name, amount);
}

/** The status that a real server writes for a new object, zeros included. All others start empty. */
const INITIAL_STATUS: Readonly<Record<string, JsonMap>> = {
  'apps/DaemonSet': { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
  'apps/ReplicaSet': { replicas: 0 },
  '/ReplicationController': { replicas: 0 },
  'apps/StatefulSet': { replicas: 0, availableReplicas: 0 },
  'autoscaling/HorizontalPodAutoscaler': { desiredReplicas: 0, currentMetrics: null },
  'networking.k8s.io/Ingress': { loadBalancer: {} },
  'policy/PodDisruptionBudget': { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
};

/** The status that an object of a built-in kind starts with. */
export const initialStatus = (group: string, kind: string): JsonMap => ({ ...INITIAL_STATUS[`${group}/${kind}`] });
