// A rendered template in, a typed Application in its normal form out.
import type { Application, ApplicationSet, ApplicationSource, ApplicationSpec, Destination } from '@wheelwright/intent';
import { type AppError, isJsonObject, type JsonObject, type JsonValue } from '@wheelwright/kernel';
import { failedAt } from './params.js';

const POINTER = '/spec/template';
const FINALIZER = 'resources-finalizer.argocd.argoproj.io';

/**
 * Adds the finalizer that removes live objects, unless the template has finalizers of its own, or the set preserves resources on deletion.
 */
export function withFinalizer(template: JsonObject, set: ApplicationSet): JsonObject {
  if (set.spec.syncPolicy?.preserveResourcesOnDeletion === true) return template;
  const metadata = objectAt(template, 'metadata', POINTER) ?? {};
  if (textsAt(metadata, 'finalizers', `${POINTER}/metadata`).length > 0) return template;
  return { ...template, metadata: { ...metadata, finalizers: [FINALIZER] } };
}

/**
 * Types the rendered template and brings it into the form that Argo CD compares: an empty project is `default`, an empty sync policy and empty
 * parts of a source are absent, the namespace is that of the set. Throws ExpandFailed where a field has another type than the API gives it; `pointer` says where it came from.
 */
export function readApplication(template: JsonObject, set: ApplicationSet, pointer: string): Application {
  const metadata = objectAt(template, 'metadata', pointer) ?? {};
  const at = `${pointer}/metadata`;
  return {
    metadata: {
      name: textAt(metadata, 'name', at),
      namespace: set.metadata.namespace,
      labels: textMapAt(metadata, 'labels', at),
      annotations: textMapAt(metadata, 'annotations', at),
      finalizers: textsAt(metadata, 'finalizers', at),
    },
    spec: readSpec(objectAt(template, 'spec', pointer) ?? {}, `${pointer}/spec`),
  };
}

function readSpec(spec: JsonObject, pointer: string): ApplicationSpec {
  const { source, sources, syncPolicy, destination: _, project: __, ...rest } = withoutNulls(spec);
  if (sources !== undefined && !isList(sources)) throw wrongType(`${pointer}/sources`, 'a list');
  const readSources = (sources ?? []).map((each: JsonValue, index: number) =>
    readSource(each, `${pointer}/sources/${String(index)}`),
  );
  const policy = syncPolicy === undefined ? {} : withoutNulls(requireObject(syncPolicy, `${pointer}/syncPolicy`));
  return {
    ...(rest as Partial<ApplicationSpec>),
    project: textAt(spec, 'project', pointer) || 'default',
    ...(source === undefined ? {} : { source: readSource(source, `${pointer}/source`) }),
    ...(readSources.length === 0 ? {} : { sources: readSources }),
    destination: readDestination(objectAt(spec, 'destination', pointer) ?? {}, `${pointer}/destination`),
    ...(Object.keys(policy).length === 0 ? {} : { syncPolicy: policy }),
  };
}

/** Parts of a source that are empty say nothing. */
function readSource(value: JsonValue, pointer: string): ApplicationSource {
  const source = requireObject(value, pointer);
  const entries = Object.entries(withoutNulls(source)).filter(
    ([, part]) => part !== '' && !(isJsonObject(part) && Object.keys(part).length === 0),
  );
  for (const key of ['path', 'targetRevision', 'chart', 'ref']) textAt(source, key, pointer);
  return {
    ...(Object.fromEntries(entries) as Partial<ApplicationSource>),
    repoURL: textAt(source, 'repoURL', pointer),
  };
}

function readDestination(destination: JsonObject, pointer: string): Destination {
  const keys = ['server', 'name', 'namespace'] as const;
  const entries = keys
    .map((key) => [key, textAt(destination, key, pointer)] as const)
    .filter(([, text]) => text !== '');
  return Object.fromEntries(entries);
}

/** A field that is null is as good as absent. */
function withoutNulls(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null && value !== undefined));
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function objectAt(object: JsonObject, key: string, pointer: string): JsonObject | undefined {
  const value = object[key];
  return value === undefined || value === null ? undefined : requireObject(value, `${pointer}/${key}`);
}

function requireObject(value: JsonValue, pointer: string): JsonObject {
  if (!isJsonObject(value)) throw wrongType(pointer, 'a map');
  return value;
}

function textAt(object: JsonObject, key: string, pointer: string): string {
  const value = object[key];
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw wrongType(`${pointer}/${key}`, 'a text: put it in quotes');
  return value;
}

function textsAt(object: JsonObject, key: string, pointer: string): readonly string[] {
  const value = object[key] ?? [];
  if (!isList(value) || !value.every((item) => typeof item === 'string'))
    throw wrongType(`${pointer}/${key}`, 'a list of texts');
  return value;
}

function textMapAt(object: JsonObject, key: string, pointer: string): Readonly<Record<string, string>> {
  const map = objectAt(object, key, pointer) ?? {};
  return Object.fromEntries(Object.keys(map).map((name) => [name, textAt(map, name, `${pointer}/${key}`)]));
}

function wrongType(pointer: string, wanted: string): AppError {
  return failedAt(pointer, `must be ${wanted}`);
}
