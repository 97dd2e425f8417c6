// The shape knowledge of server-side apply: which lists of built-in kinds are keyed maps or sets, which maps are atomic.
// Taken from the `x-kubernetes-list-type`, `-list-map-keys` and `-map-type` marks of the published Kubernetes OpenAPI.
import { isMap, type Json, type JsonMap } from './json.js';

/** How a field's value is owned and merged. */
export type Shape =
  /** Owned as one value, replaced as one value. */
  | { readonly kind: 'atomic' }
  /** A map, or a scalar: merged by key. */
  | { readonly kind: 'granular' }
  /** A list whose items are told apart by the value of some of their fields. */
  | { readonly kind: 'keyed'; readonly keys: readonly string[] }
  /** A list of scalars, each present once. */
  | { readonly kind: 'set' };

const ATOMIC: Shape = { kind: 'atomic' };
const GRANULAR: Shape = { kind: 'granular' };
const SET: Shape = { kind: 'set' };

/** Lists of built-in kinds whose items have keys, by field name. All other lists are atomic. */
const LIST_KEYS: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  ephemeralContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  imagePullSecrets: ['name'],
  conditions: ['type'],
  ownerReferences: ['uid'],
  hostAliases: ['ip'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
  podIPs: ['ip'],
  hostIPs: ['ip'],
  resourceClaims: ['name'],
  claims: ['name'],
  secrets: ['name'],
  schedulingGates: ['name'],
  addresses: ['type'],
  webhooks: ['name'],
  matchConditions: ['name'],
};

/** Maps of built-in kinds that are owned as a whole, by field name. */
const ATOMIC_MAPS: ReadonlySet<string> = new Set([
  'selector',
  'podSelector',
  'namespaceSelector',
  'objectSelector',
  'labelSelector',
  'nodeSelector',
  'secretKeyRef',
  'configMapKeyRef',
  'fieldRef',
  'resourceFieldRef',
  'secretRef',
  'configMapRef',
  'roleRef',
  'claimRef',
  'dataSource',
  'resource',
  'scaleTargetRef',
]);

const KEY_DEFAULTS: Readonly<Record<string, Json>> = { protocol: 'TCP' };

/** What is known about the kind of an object: built-in kinds have the tables above, others only the shape of `metadata`. */
export interface KindShape {
  readonly builtIn: boolean;
  readonly kind: string;
}

/**
 * The shape of a field. `path` are the elements that lead to it (`f:spec`, `k:{...}`), `value` what it holds.
 * Lists that no table knows are atomic, as for kinds without a schema.
 */
export function shapeOf(kind: KindShape, path: readonly string[], value: Json | undefined): Shape {
  const last = path.at(-1) ?? '';
  const field = last.startsWith('f:') ? last.slice(2) : '';
  if (Array.isArray(value)) {
    if (field === 'finalizers' && path.length === 2) return SET;
    if (field === 'ownerReferences' && path.length === 2) return { kind: 'keyed', keys: ['uid'] };
    if (!kind.builtIn || !value.every((item) => isMap(item))) return ATOMIC;
    const keys = listKeys(kind, field);
    return keys === undefined || value.some((item) => !hasKeys(item, keys)) ? ATOMIC : { kind: 'keyed', keys };
  }
  if (isMap(value) && kind.builtIn && ATOMIC_MAPS.has(field) && kind.kind !== 'HorizontalPodAutoscaler') return ATOMIC;
  return GRANULAR;
}

function listKeys(kind: KindShape, field: string): readonly string[] | undefined {
  if (field === 'ports') {
    if (kind.kind === 'NetworkPolicy' || kind.kind === 'Endpoints' || kind.kind === 'EndpointSlice') return undefined;
    return kind.kind === 'Service' ? ['port', 'protocol'] : ['containerPort', 'protocol'];
  }
  if (kind.kind === 'ServiceAccount' && field === 'imagePullSecrets') return undefined;
  return Object.hasOwn(LIST_KEYS, field) ? LIST_KEYS[field] : undefined;
}

function hasKeys(item: JsonMap, keys: readonly string[]): boolean {
  return keys.every((key) => item[key] !== undefined || Object.hasOwn(KEY_DEFAULTS, key));
}

/** The path element of a list item: `k:{...}` with sorted keys, or `v:...` in a set. */
export function itemElement(shape: Shape, item: Json): string {
  if (shape.kind !== 'keyed' || !isMap(item)) return `v:${JSON.stringify(item)}`;
  const keys: JsonMap = {};
  for (const key of [...shape.keys].sort()) keys[key] = item[key] ?? KEY_DEFAULTS[key] ?? null;
  return `k:${JSON.stringify(keys)}`;
}

/** The one shape for two values of a field: atomic where either side is, else that of the side that is a list. */
export function jointShape(
  kind: KindShape,
  path: readonly string[],
  sides: readonly [Json | undefined, Json | undefined],
): Shape {
  const shapes = sides.filter((side) => side !== undefined && side !== null).map((side) => shapeOf(kind, path, side));
  return (
    shapes.find((shape) => shape.kind === 'atomic') ?? shapes.find((shape) => shape.kind !== 'granular') ?? GRANULAR
  );
}
