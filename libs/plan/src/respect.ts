// An object to apply, the live one and what is ignored of it in; the object to apply with every ignored field as it is live out.
import {
  diffJson,
  isJsonObject,
  MANAGED_BY_LABEL,
  parsePointer,
  takePath,
  TRACKING_ANNOTATION,
  type JsonValue,
  type KubeObject,
  type PathSegment,
} from '@wheelwright/kernel';
import type { IgnoredFields, NamedFields } from './ignore.js';
import { ownersOf } from './owners.js';

export interface Respected {
  readonly desired: KubeObject;
  readonly live: KubeObject;
  /** What a server-side apply of `desired` would make of `live`. */
  readonly predicted: KubeObject;
  readonly ignored: IgnoredFields;
  readonly named?: NamedFields;
}

/** Fields whose owners are looked up, at most: one that is beyond that is applied as it is declared. */
const MAX_OWNED = 1_000;

/**
 * Carries out `RespectIgnoreDifferences`: an apply then changes nothing in what is ignored. Fields that live objects do not have are left out;
 * `status` and what names the object are never taken.
 */
export function respectIgnored({ desired, live, predicted, ignored, named }: Respected): KubeObject {
  const paths: readonly (readonly PathSegment[])[] = [
    ...ignored.paths,
    ...(named?.live ?? []),
    ...(named?.predicted ?? []),
    ...ownedBy(ignored.managers, live, predicted),
  ];
  const taken = paths
    .filter(mayBeTaken)
    .reduce<JsonValue>((value, path) => takePath(value, live, path) ?? value, desired);
  return isObjectLike(taken) ? withMarks(taken, desired) : desired;
}

function isObjectLike(value: JsonValue): value is KubeObject {
  return isJsonObject(value) && isJsonObject(value['metadata']);
}

/** What finds the object and says whose it is stays as declared, whatever is ignored of labels and annotations. */
function withMarks(object: KubeObject, { apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { labels, annotations } = object.metadata;
  return {
    ...object,
    apiVersion,
    kind,
    metadata: {
      ...object.metadata,
      labels: { ...labels, ...only(metadata.labels, MANAGED_BY_LABEL) },
      annotations: { ...annotations, ...only(metadata.annotations, TRACKING_ANNOTATION) },
    },
  };
}

function only(map: Readonly<Record<string, string>> | undefined, name: string): Readonly<Record<string, string>> {
  const value = map?.[name];
  return value === undefined ? {} : { [name]: value };
}

const IDENTITY = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'managedFields',
  'generation',
  'creationTimestamp',
]);

function mayBeTaken([first, second]: readonly PathSegment[]): boolean {
  if (first === 'apiVersion' || first === 'kind' || first === 'status') return false;
  return first !== 'metadata' || (typeof second === 'string' && !IDENTITY.has(second));
}

function ownedBy(managers: readonly string[], live: KubeObject, predicted: KubeObject): readonly (readonly string[])[] {
  if (managers.length === 0) return [];
  return diffJson(live, predicted, { most: MAX_OWNED }).flatMap(({ pointer }) => {
    const path = parsePointer(pointer);
    return path !== undefined && ownersOf(live, pointer).some((owner) => managers.includes(owner)) ? [path] : [];
  });
}
