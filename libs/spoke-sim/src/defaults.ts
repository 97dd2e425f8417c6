// An object of a built-in kind in, the same with the fields that a real server fills in and that matter to a diff.
// Changes its input, which is the caller's own copy. Thin on purpose: what no contract case or user needs is left out.
import { ensureMap, isMap, mapAt, mapsAt, textAt, type JsonMap, type SimObject } from './json.js';
import { defaultPodSpec, defaultResources, setDefault } from './pod-defaults.js';
import { canonicalAmounts } from './quantity.js';
import { defaultCrd, defaultLimitRange, defaultWebhooks } from './policy-defaults.js';

/** What defaults need from the spoke around them. */
export interface DefaultsContext {
  /** The next free cluster address. */
  readonly allocateAddress: () => string;
}

type Defaulter = (object: SimObject, context: DefaultsContext) => void;

const DEFAULTERS: Readonly<Record<string, Defaulter>> = {
  '/Namespace': (object) => {
    const labels = ensureMap(object.metadata, 'labels');
    setDefault(labels, 'kubernetes.io/metadata.name', object.metadata.name ?? '');
    setDefault(ensureMap(object, 'spec'), 'finalizers', ['kubernetes']);
    setDefault(ensureMap(object, 'status'), 'phase', 'Active');
  },
  '/Secret': (object) => {
    mergeStringData(object);
    setDefault(object, 'type', 'Opaque');
  },
  '/Service': defaultService,
  '/Pod': (object) => {
    defaultPodSpec(ensureMap(object, 'spec'));
    setDefault(mapAt(object, 'spec'), 'enableServiceLinks', true);
    setDefault(ensureMap(object, 'status'), 'phase', 'Pending');
  },
  '/PersistentVolumeClaim': defaultClaim,
  '/ResourceQuota': (object) => {
    canonicalAmounts(mapAt(object, 'spec'), 'hard');
  },
  '/LimitRange': defaultLimitRange,
  'apps/Deployment': (object) => {
    const spec = defaultWorkload(object);
    setDefault(spec, 'replicas', 1);
    setDefault(spec, 'progressDeadlineSeconds', 600);
    defaultRolling(ensureMap(spec, 'strategy'), { maxUnavailable: '25%', maxSurge: '25%' });
  },
  'apps/ReplicaSet': (object) => {
    const spec = ensureMap(object, 'spec');
    setDefault(spec, 'replicas', 1);
    defaultTemplate(spec);
  },
  'apps/StatefulSet': (object) => {
    const spec = defaultWorkload(object);
    setDefault(spec, 'replicas', 1);
    setDefault(spec, 'podManagementPolicy', 'OrderedReady');
    setDefault(spec, 'persistentVolumeClaimRetentionPolicy', { whenDeleted: 'Retain', whenScaled: 'Retain' });
    defaultRolling(ensureMap(spec, 'updateStrategy'), { partition: 0 });
    for (const claim of mapsAt(spec, 'volumeClaimTemplates')) {
      setDefault(claim, 'apiVersion', 'v1');
      setDefault(claim, 'kind', 'PersistentVolumeClaim');
      defaultClaim(claim);
    }
  },
  'apps/DaemonSet': (object) => {
    const spec = defaultWorkload(object);
    defaultRolling(ensureMap(spec, 'updateStrategy'), { maxUnavailable: 1, maxSurge: 0 });
    setDefault(ensureMap(object.metadata, 'annotations'), 'deprecated.daemonset.template.generation', '1');
  },
  'batch/Job': (object) => defaultJobSpec(ensureMap(object, 'spec'), object),
  'batch/CronJob': (object) => {
    const spec = ensureMap(object, 'spec');
    setDefault(spec, 'concurrencyPolicy', 'Allow');
    setDefault(spec, 'suspend', false);
    setDefault(spec, 'successfulJobsHistoryLimit', 3);
    setDefault(spec, 'failedJobsHistoryLimit', 1);
    const template = ensureMap(spec, 'jobTemplate');
    setDefault(template, 'metadata', {});
    const jobSpec = mapAt(template, 'spec');
    if (isMap(jobSpec.template)) defaultTemplate(jobSpec);
  },
  'networking.k8s.io/NetworkPolicy': (object) => {
    const spec = ensureMap(object, 'spec');
    setDefault(spec, 'policyTypes', spec.egress === undefined ? ['Ingress'] : ['Ingress', 'Egress']);
    for (const rule of [...mapsAt(spec, 'ingress'), ...mapsAt(spec, 'egress')]) {
      for (const port of mapsAt(rule, 'ports')) setDefault(port, 'protocol', 'TCP');
    }
  },
  'rbac.authorization.k8s.io/RoleBinding': defaultBinding,
  'rbac.authorization.k8s.io/ClusterRoleBinding': defaultBinding,
  'autoscaling/HorizontalPodAutoscaler': (object) => setDefault(ensureMap(object, 'spec'), 'minReplicas', 1),
  'storage.k8s.io/StorageClass': (object) => {
    setDefault(object, 'reclaimPolicy', 'Delete');
    setDefault(object, 'volumeBindingMode', 'Immediate');
  },
  'scheduling.k8s.io/PriorityClass': (object) => {
    setDefault(object, 'preemptionPolicy', 'PreemptLowerPriority');
  },
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': defaultWebhooks,
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': defaultWebhooks,
  'apiextensions.k8s.io/CustomResourceDefinition': defaultCrd,
};

/** Fills in what a real server fills in for this kind, and puts stored forms in place of written ones. */
export function applyDefaults(group: string, object: SimObject, context: DefaultsContext): void {
  const defaulter = DEFAULTERS[`${group}/${object.kind}`];
  if (defaulter !== undefined) defaulter(object, context);
}

/** `stringData` is a way in only: its values end up in `data`, in base64. */
function mergeStringData(secret: JsonMap): void {
  const plain = secret.stringData;
  if (isMap(plain)) {
    const data = ensureMap(secret, 'data');
    for (const [key, value] of Object.entries(plain))
      if (typeof value === 'string') data[key] = Buffer.from(value).toString('base64');
  }
  delete secret.stringData;
}

/** A claim, on its own or as a template. */
function defaultClaim(claim: JsonMap): void {
  const spec = ensureMap(claim, 'spec');
  setDefault(spec, 'volumeMode', 'Filesystem');
  defaultResources(mapAt(spec, 'resources'));
  setDefault(ensureMap(claim, 'status'), 'phase', 'Pending');
}

function defaultService(service: SimObject, context: DefaultsContext): void {
  const spec = ensureMap(service, 'spec');
  setDefault(spec, 'type', 'ClusterIP');
  setDefault(spec, 'sessionAffinity', 'None');
  for (const port of mapsAt(spec, 'ports')) {
    setDefault(port, 'protocol', 'TCP');
    setDefault(port, 'targetPort', port.port ?? 0);
  }
  if (spec.type !== 'ExternalName') {
    if (textAt(spec, 'clusterIP') === '') spec.clusterIP = context.allocateAddress();
    setDefault(spec, 'clusterIPs', [textAt(spec, 'clusterIP')]);
    setDefault(spec, 'ipFamilies', ['IPv4']);
    setDefault(spec, 'ipFamilyPolicy', 'SingleStack');
    setDefault(spec, 'internalTrafficPolicy', 'Cluster');
  }
  if (spec.type === 'LoadBalancer' || spec.type === 'NodePort') setDefault(spec, 'externalTrafficPolicy', 'Cluster');
  if (spec.type === 'LoadBalancer') setDefault(spec, 'allocateLoadBalancerNodePorts', true);
  setDefault(service, 'status', { loadBalancer: {} });
}

function defaultWorkload(object: SimObject): JsonMap {
  const spec = ensureMap(object, 'spec');
  setDefault(spec, 'revisionHistoryLimit', 10);
  defaultTemplate(spec);
  return spec;
}

function defaultTemplate(spec: JsonMap): void {
  const template = ensureMap(spec, 'template');
  setDefault(template, 'metadata', {});
  defaultPodSpec(ensureMap(template, 'spec'));
}

function defaultRolling(strategy: JsonMap, parameters: JsonMap): void {
  setDefault(strategy, 'type', 'RollingUpdate');
  if (strategy.type !== 'RollingUpdate') return;
  const rolling = ensureMap(strategy, 'rollingUpdate');
  for (const [key, value] of Object.entries(parameters)) if (value !== undefined) setDefault(rolling, key, value);
}

function defaultJobSpec(spec: JsonMap, job: SimObject): void {
  setDefault(spec, 'parallelism', 1);
  setDefault(spec, 'completions', 1);
  setDefault(spec, 'backoffLimit', 6);
  setDefault(spec, 'completionMode', 'NonIndexed');
  setDefault(spec, 'suspend', false);
  setDefault(spec, 'manualSelector', false);
  setDefault(spec, 'podReplacementPolicy', 'TerminatingOrFailed');
  if (spec.manualSelector !== true && spec.selector === undefined && job.metadata.uid !== undefined) {
    const uid = job.metadata.uid;
    spec.selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
    const name = job.metadata.name ?? '';
    // Both the template and the Job itself carry them.
    for (const metadata of [ensureMap(ensureMap(spec, 'template'), 'metadata'), job.metadata]) {
      const labels = ensureMap(metadata, 'labels');
      for (const prefix of ['batch.kubernetes.io/', '']) {
        labels[`${prefix}controller-uid`] = uid;
        labels[`${prefix}job-name`] = name;
      }
    }
  }
  defaultTemplate(spec);
}

function defaultBinding(binding: JsonMap): void {
  const rbac = 'rbac.authorization.k8s.io';
  setDefault(ensureMap(binding, 'roleRef'), 'apiGroup', rbac);
  for (const subject of mapsAt(binding, 'subjects')) {
    if (subject.kind === 'User' || subject.kind === 'Group') setDefault(subject, 'apiGroup', rbac);
    if (subject.apiGroup === '') delete subject.apiGroup;
  }
}
