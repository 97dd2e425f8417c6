// A project in, a test for orphans out: objects on a spoke, in a namespace of the project, that no Application manages (`compatibility.md` 2.9).
import type { AppProject, OrphanIgnore } from '@wheelwright/intent';
import { globTest } from './patterns.js';

/** A live object, as far as the test looks at it. Whether an Application manages it, its caller knows. */
export interface LiveObject {
  readonly group: string;
  readonly kind: string;
  /** Empty: the object belongs to the cluster, and is never an orphan. */
  readonly namespace: string;
  readonly name: string;
  /** How many entries `metadata.ownerReferences` has. */
  readonly owners: number;
}

/** Objects of Kubernetes itself that each namespace has, or one of them. */
const STANDARD: readonly Partial<LiveObject>[] = [
  { group: '', kind: 'ConfigMap', name: 'kube-root-ca.crt' },
  { group: '', kind: 'ServiceAccount', name: 'default' },
  { group: '', kind: 'Service', namespace: 'default', name: 'kubernetes' },
  // What controllers and clients keep for themselves: written all the time, and gone by itself.
  { group: '', kind: 'Event' },
  { group: 'events.k8s.io', kind: 'Event' },
  { group: 'coordination.k8s.io', kind: 'Lease' },
  { group: '', kind: 'Endpoints' },
  { group: 'discovery.k8s.io', kind: 'EndpointSlice' },
];

/** Whether the project has its namespaces searched, and whether what is found makes a condition (absent: it does). */
export function orphanPolicy(project: AppProject): { readonly searches: boolean; readonly warns: boolean } {
  const { orphanedResources } = project.spec;
  return {
    searches: orphanedResources !== undefined,
    warns: orphanedResources?.warn ?? orphanedResources !== undefined,
  };
}

/**
 * The test whether an object that no Application manages is an orphan: it stands in a namespace, has no owner, does not come from Kubernetes itself,
 * and no item of `ignore` names it. Nothing is one where the project does not ask for the search. The project is read once for many objects.
 */
export function orphanTest(project: AppProject): (object: LiveObject) => boolean {
  const { orphanedResources } = project.spec;
  if (orphanedResources === undefined) return () => false;
  const ignored = (orphanedResources.ignore ?? []).map(ignoreTest);
  return (object) =>
    object.namespace !== '' &&
    object.owners === 0 &&
    !STANDARD.some((known) => isKnown(known, object)) &&
    !ignored.some((names) => names(object));
}

/** Whether no object of a kind is ever an orphan, so that its objects need not be read. */
export function isNeverOrphan({ group, kind }: Pick<LiveObject, 'group' | 'kind'>): boolean {
  return STANDARD.some(
    (known) =>
      known.group === group && known.kind === kind && known.name === undefined && known.namespace === undefined,
  );
}

function isKnown(known: Partial<LiveObject>, object: LiveObject): boolean {
  return (
    known.group === object.group &&
    known.kind === object.kind &&
    (known.name ?? object.name) === object.name &&
    (known.namespace ?? object.namespace) === object.namespace
  );
}

/** An absent kind or name matches all; an absent group is the core group, as in Argo CD. */
function ignoreTest({ group, kind, name }: OrphanIgnore): (object: LiveObject) => boolean {
  const inGroup = group ? globTest(group, false) : (text: string): boolean => text === '';
  const isKind = globTest(kind || '*', false);
  const isName = globTest(name || '*', false);
  return (object) => inGroup(object.group) && isKind(object.kind) && isName(object.name);
}
