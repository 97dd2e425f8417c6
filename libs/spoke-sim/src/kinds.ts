// The kinds that a spoke serves: a table of the built-in ones (as a v1.35 kube-apiserver serves them) and the ones that CRDs add.
import { mapAt, mapsAt, textAt, type Json, type JsonMap } from './json.js';

/** One kind as it is served under one group and version. */
export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** Whether `metadata.generation` is kept. */
  readonly hasGeneration: boolean;
  /** Whether `status` is written through its own subresource only. */
  readonly hasStatus: boolean;
  /** Built-in kinds have defaults and known list shapes; others are taken as they come. */
  readonly builtIn: boolean;
  /** Other subresources that discovery names. */
  readonly subresources: readonly string[];
}

/** Names where objects of a kind are stored, whatever the version they are read in. */
export const storeKeyOf = (kind: Pick<Kind, 'group' | 'plural'>): string => `${kind.group}/${kind.plural}`;

/** Verbs of every served kind (namespaces lack `deletecollection`). */
export function verbsOf(kind: Kind): readonly string[] {
  const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
  return kind.group === '' && kind.plural === 'namespaces'
    ? verbs.filter((verb) => verb !== 'deletecollection')
    : verbs;
}

/**
 * One line a kind: plural, kind, marks, short names, categories, subresources. Marks: `n` namespaced, `g` generation, `s` status.
 * Checked against the discovery and the objects of a real server by the contract suite.
 */
const BUILT_IN: Readonly<Record<string, readonly string[]>> = {
  '/v1': [
    'configmaps ConfigMap n cm',
    'endpoints Endpoints n ep',
    'events Event n ev',
    'limitranges LimitRange n limits',
    'namespaces Namespace s ns - finalize',
    'nodes Node s no',
    'persistentvolumeclaims PersistentVolumeClaim ns pvc',
    'persistentvolumes PersistentVolume s pv',
    'pods Pod ngs po all',
    'podtemplates PodTemplate ng',
    'replicationcontrollers ReplicationController ngs rc all',
    'resourcequotas ResourceQuota ns quota',
    'secrets Secret n',
    'serviceaccounts ServiceAccount n sa',
    'services Service ns svc all',
  ],
  'apiregistration.k8s.io/v1': ['apiservices APIService s - api-extensions'],
  'apps/v1': [
    'controllerrevisions ControllerRevision n',
    'daemonsets DaemonSet ngs ds all',
    'deployments Deployment ngs deploy all',
    'replicasets ReplicaSet ngs rs all',
    'statefulsets StatefulSet ngs sts all',
  ],
  'events.k8s.io/v1': ['events Event n ev'],
  'autoscaling/v2': ['horizontalpodautoscalers HorizontalPodAutoscaler ns hpa all'],
  'autoscaling/v1': ['horizontalpodautoscalers HorizontalPodAutoscaler ns hpa all'],
  'batch/v1': ['cronjobs CronJob ngs cj all', 'jobs Job ngs - all'],
  'certificates.k8s.io/v1': ['certificatesigningrequests CertificateSigningRequest s csr'],
  'networking.k8s.io/v1': [
    'ingressclasses IngressClass g',
    'ingresses Ingress ngs ing',
    'networkpolicies NetworkPolicy ng netpol',
  ],
  'policy/v1': ['poddisruptionbudgets PodDisruptionBudget ngs pdb'],
  'rbac.authorization.k8s.io/v1': [
    'clusterrolebindings ClusterRoleBinding -',
    'clusterroles ClusterRole -',
    'rolebindings RoleBinding n',
    'roles Role n',
  ],
  'storage.k8s.io/v1': [
    'csidrivers CSIDriver -',
    'csinodes CSINode -',
    'storageclasses StorageClass - sc',
    'volumeattachments VolumeAttachment s',
  ],
  'admissionregistration.k8s.io/v1': [
    'mutatingwebhookconfigurations MutatingWebhookConfiguration g - api-extensions',
    'validatingadmissionpolicies ValidatingAdmissionPolicy gs - api-extensions',
    'validatingadmissionpolicybindings ValidatingAdmissionPolicyBinding g - api-extensions',
    'validatingwebhookconfigurations ValidatingWebhookConfiguration g - api-extensions',
  ],
  'apiextensions.k8s.io/v1': ['customresourcedefinitions CustomResourceDefinition gs crd,crds api-extensions'],
  'scheduling.k8s.io/v1': ['priorityclasses PriorityClass g pc'],
  'coordination.k8s.io/v1': ['leases Lease n'],
  'node.k8s.io/v1': ['runtimeclasses RuntimeClass -'],
  'discovery.k8s.io/v1': ['endpointslices EndpointSlice ng'],
};

const words = (text: string | undefined): string[] => (text === undefined || text === '-' ? [] : text.split(','));

function parseLine(groupVersion: string, line: string): Kind {
  const slash = groupVersion.indexOf('/');
  const [plural = '', kind = '', marks = '', shortNames, categories, subresources] = line.split(' ');
  return {
    group: groupVersion.slice(0, slash),
    version: groupVersion.slice(slash + 1),
    kind,
    plural,
    singular: kind.toLowerCase(),
    namespaced: marks.includes('n'),
    shortNames: words(shortNames),
    categories: words(categories),
    hasGeneration: marks.includes('g'),
    hasStatus: marks.includes('s'),
    builtIn: true,
    subresources: words(subresources),
  };
}

/** The kinds that every spoke serves, in the order of discovery. */
export const BUILT_IN_KINDS: readonly Kind[] = Object.entries(BUILT_IN).flatMap(([groupVersion, lines]) =>
  lines.map((line) => parseLine(groupVersion, line)),
);

/** The kinds that a CustomResourceDefinition serves: one for each served version. Schemas are not read. */
export function kindsOfCrd(crd: JsonMap): Kind[] {
  const spec = mapAt(crd, 'spec');
  const names = mapAt(spec, 'names');
  const kind = textAt(names, 'kind');
  return mapsAt(spec, 'versions')
    .filter((version) => version.served === true)
    .map((version) => ({
      group: textAt(spec, 'group'),
      version: textAt(version, 'name'),
      kind,
      plural: textAt(names, 'plural'),
      singular: textAt(names, 'singular') || kind.toLowerCase(),
      namespaced: spec.scope === 'Namespaced',
      shortNames: texts(names.shortNames),
      categories: texts(names.categories),
      hasGeneration: true,
      hasStatus: mapAt(version, 'subresources').status !== undefined,
      builtIn: false,
      subresources: [],
    }));
}

function texts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** Every kind that one spoke serves, by what a URL says. */
export class KindTable {
  private readonly custom = new Map<string, readonly Kind[]>();
  private byPath = new Map<string, Kind>();
  private all: readonly Kind[] = BUILT_IN_KINDS;

  constructor() {
    this.rebuild();
  }

  /** The kind served at `/apis/<group>/<version>/<plural>`. */
  find(group: string, version: string, plural: string): Kind | undefined {
    return this.byPath.get(`${group}/${version}/${plural}`);
  }

  /** The kind of an object; any served version when `version` is undefined. */
  findKind(group: string, kind: string, version?: string): Kind | undefined {
    return this.all.find(
      (row) => row.group === group && row.kind === kind && (version === undefined || row.version === version),
    );
  }

  list(): readonly Kind[] {
    return this.all;
  }

  /** Serves the kinds of a CRD from now on, in place of those it served before. */
  serveCrd(name: string, kinds: readonly Kind[]): void {
    this.custom.set(name, kinds);
    this.rebuild();
  }

  /** Stops serving the kinds of a CRD. */
  removeCrd(name: string): void {
    if (this.custom.delete(name)) this.rebuild();
  }

  /** Whether a CRD is served. */
  hasCrd(name: string): boolean {
    return this.custom.has(name);
  }

  private rebuild(): void {
    this.all = this.custom.size === 0 ? BUILT_IN_KINDS : [...BUILT_IN_KINDS, ...[...this.custom.values()].flat()];
    this.byPath = new Map(this.all.map((kind) => [`${kind.group}/${kind.version}/${kind.plural}`, kind]));
  }
}
