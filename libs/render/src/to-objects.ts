// One document of a manifest in, its Kubernetes objects out: lists are flattened, and what later rooms rely on is checked here.
import { isJsonObject, type JsonObject, type JsonValue, type KubeObject } from '@wheelwright/kernel';
import { Refusal } from './read-yaml.js';

/** Objects of a document. Throws {@link Refusal} (message only; the caller knows where) for anything that is not an object of Kubernetes. */
export function toObjects(value: JsonValue): readonly KubeObject[] {
  if (!isJsonObject(value)) throw new Refusal('it is not an object: a manifest begins with apiVersion and kind');
  const { kind, items } = value;
  if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)) {
    return items.flatMap((item: JsonValue) => toObjects(item));
  }
  return [toObject(value)];
}

function toObject(value: JsonObject): KubeObject {
  const { apiVersion, kind, metadata } = value;
  if (typeof apiVersion !== 'string' || apiVersion === '') throw new Refusal('apiVersion is missing');
  if (typeof kind !== 'string' || kind === '') throw new Refusal('kind is missing');
  if (!isJsonObject(metadata)) throw new Refusal(`${kind}: metadata is missing`);
  const { name, generateName, namespace, labels, annotations, ...others } = metadata;
  const named = text(name, `${kind}: metadata.name`);
  const generated = text(generateName, `${kind}: metadata.generateName`);
  if (named === undefined && generated === undefined) throw new Refusal(`${kind}: metadata.name is missing`);
  const label = `${kind} ${named ?? generated ?? ''}`;
  return {
    ...value,
    apiVersion,
    kind,
    metadata: {
      ...others,
      ...optional('name', named),
      ...optional('generateName', generated),
      ...optional('namespace', text(namespace, `${label}: metadata.namespace`)),
      ...optional('labels', texts(labels, `${label}: metadata.labels`)),
      ...optional('annotations', texts(annotations, `${label}: metadata.annotations`)),
    },
  };
}

/** Null and the empty text are the same as nothing, as the API server reads them. */
function text(value: JsonValue | undefined, what: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw new Refusal(`${what} must be a text; put it in quotes`);
}

function texts(value: JsonValue | undefined, what: string): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw new Refusal(`${what} must be a map of texts`);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (typeof item !== 'string') throw new Refusal(`${what}["${key}"] must be a text; put it in quotes`);
      return [key, item];
    }),
  );
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [name in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [name in K]: V });
}
