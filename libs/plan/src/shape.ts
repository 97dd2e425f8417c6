// An object as somebody wrote it in, the same object as it may be sent to a server out: nothing that the server owns, our marks on it.
import {
  isJsonObject,
  MANAGED_BY_LABEL,
  TRACKING_ANNOTATION,
  trackingId,
  type JsonValue,
  type KubeObject,
  type ObjectMeta,
  type TrackedBy,
} from '@wheelwright/kernel';
import { isAggregated } from './normalise.js';

/** Annotation in which `kubectl apply` repeats the whole object. */
export const LAST_APPLIED_ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';

const SERVER_METADATA = new Set([
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
]);

/** The object without what only a server writes, in the namespace given (none where that is empty). `stringData` of a Secret is folded into `data`. */
export function asDesired(object: KubeObject, namespace: string): KubeObject {
  const { status: _status, ...rest } = object;
  // Templates leave `annotations: null` behind; it says no more than nothing.
  const kept = Object.entries<JsonValue | undefined>(object.metadata).filter(
    ([name, value]) => !SERVER_METADATA.has(name) && name !== 'namespace' && value !== null,
  );
  const metadata: ObjectMeta = { ...Object.fromEntries(kept), ...(namespace === '' ? {} : { namespace }) };
  const annotations = metadata.annotations;
  const cleaned =
    annotations === undefined ? metadata : { ...metadata, annotations: without(annotations, LAST_APPLIED_ANNOTATION) };
  const shaped: KubeObject = { ...rest, apiVersion: object.apiVersion, kind: object.kind, metadata: cleaned };
  if (object.kind === 'Secret' && object.apiVersion === 'v1') return withFoldedStringData(shaped);
  return object.kind === 'ClusterRole' ? withoutCollectedRules(shaped) : shaped;
}

/** Nobody means by an empty list that the rules which an aggregated role collects are to go; sent, it would fight their controller for ever. */
function withoutCollectedRules(role: KubeObject): KubeObject {
  const { rules, ...rest } = role;
  const isEmpty = rules === null || (Array.isArray(rules) && rules.length === 0);
  return isEmpty && isAggregated(role)
    ? { ...rest, apiVersion: role.apiVersion, kind: role.kind, metadata: role.metadata }
    : role;
}

function without(record: Readonly<Record<string, string>>, name: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}

/** The server folds `stringData` into `data` on every write; folding it here makes both sides comparable and lets us own what we set. */
function withFoldedStringData(secret: KubeObject): KubeObject {
  const { stringData, ...rest } = secret;
  if (!isJsonObject(stringData)) return secret;
  const folded: [string, JsonValue][] = Object.entries(stringData).map(([name, value]) => [
    name,
    base64(typeof value === 'string' ? value : ''),
  ]);
  const data = isJsonObject(rest['data']) ? rest['data'] : {};
  return {
    ...rest,
    apiVersion: secret.apiVersion,
    kind: secret.kind,
    metadata: secret.metadata,
    data: { ...data, ...Object.fromEntries(folded) },
  };
}

function base64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));
}

export interface Marks {
  readonly installationId: string;
  /** Absent: the object belongs to no single Application. */
  readonly tracking?: TrackedBy;
}

/** The object with the label that finds it and the annotation that owns it. */
export function mark(object: KubeObject, { installationId, tracking }: Marks): KubeObject {
  const { labels, annotations } = object.metadata;
  const tracked =
    tracking === undefined
      ? annotations
      : { ...annotations, [TRACKING_ANNOTATION]: trackingId(tracking.application, tracking.key) };
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...labels, [MANAGED_BY_LABEL]: installationId },
      ...(tracked === undefined ? {} : { annotations: tracked }),
    },
  };
}
