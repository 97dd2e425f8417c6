// An Application that a patch made in; a failure where a field has another type than the API gives it. Templates were typed when their set was declared.
import { isJsonObject, type JsonObject, type JsonValue } from '@wheelwright/kernel';
import { failedAt, pointerKey } from './params.js';

/** What a field may hold. Fields that no shape names are nobody's business here. */
type Shape =
  | 'text'
  | 'flag'
  | 'number'
  | { readonly listOf: Shape }
  | { readonly mapOf: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> };

const TEXTS: Shape = { listOf: 'text' };
const TEXT_MAP: Shape = { mapOf: 'text' };

const SOURCE: Shape = {
  fields: {
    repoURL: 'text',
    path: 'text',
    targetRevision: 'text',
    chart: 'text',
    ref: 'text',
    name: 'text',
    directory: { fields: { recurse: 'flag', include: 'text', exclude: 'text' } },
    helm: {
      fields: {
        releaseName: 'text',
        values: 'text',
        version: 'text',
        namespace: 'text',
        kubeVersion: 'text',
        valueFiles: TEXTS,
        apiVersions: TEXTS,
        parameters: { listOf: { fields: { name: 'text', value: 'text', forceString: 'flag' } } },
        fileParameters: { listOf: { fields: { name: 'text', path: 'text' } } },
        skipCrds: 'flag',
        skipTests: 'flag',
        skipSchemaValidation: 'flag',
        ignoreMissingValueFiles: 'flag',
        passCredentials: 'flag',
      },
    },
    kustomize: {
      fields: {
        namePrefix: 'text',
        nameSuffix: 'text',
        namespace: 'text',
        version: 'text',
        images: TEXTS,
        components: TEXTS,
        commonLabels: TEXT_MAP,
        commonAnnotations: TEXT_MAP,
        forceCommonLabels: 'flag',
        forceCommonAnnotations: 'flag',
      },
    },
  },
};

const APPLICATION: Shape = {
  fields: {
    metadata: {
      fields: { name: 'text', namespace: 'text', labels: TEXT_MAP, annotations: TEXT_MAP, finalizers: TEXTS },
    },
    spec: {
      fields: {
        project: 'text',
        source: SOURCE,
        sources: { listOf: SOURCE },
        destination: { fields: { server: 'text', name: 'text', namespace: 'text' } },
        syncPolicy: {
          fields: {
            automated: { fields: { prune: 'flag', selfHeal: 'flag', allowEmpty: 'flag', enabled: 'flag' } },
            syncOptions: TEXTS,
            retry: {
              fields: {
                limit: 'number',
                refresh: 'flag',
                backoff: { fields: { duration: 'text', factor: 'number', maxDuration: 'text' } },
              },
            },
            managedNamespaceMetadata: { fields: { labels: TEXT_MAP, annotations: TEXT_MAP } },
          },
        },
        ignoreDifferences: {
          listOf: {
            fields: {
              group: 'text',
              kind: 'text',
              name: 'text',
              namespace: 'text',
              jsonPointers: TEXTS,
              jqPathExpressions: TEXTS,
              managedFieldsManagers: TEXTS,
            },
          },
        },
        info: { listOf: { fields: { name: 'text', value: 'text' } } },
        revisionHistoryLimit: 'number',
      },
    },
  },
};

/** Throws ExpandFailed at the first field of another type, under `pointer`. */
export function checkShape(application: JsonObject, pointer: string): void {
  check(application, APPLICATION, pointer);
}

function check(value: JsonValue | undefined, shape: Shape, pointer: string): void {
  if (value === undefined || value === null) return;
  if (shape === 'text') {
    if (typeof value !== 'string') throw failedAt(pointer, 'must be a text: put it in quotes');
  } else if (shape === 'flag') {
    if (typeof value !== 'boolean') throw failedAt(pointer, 'must be true or false, without quotes');
  } else if (shape === 'number') {
    if (typeof value !== 'number') throw failedAt(pointer, 'must be a number, without quotes');
  } else if ('listOf' in shape) {
    if (!isList(value)) throw failedAt(pointer, 'must be a list');
    for (const [index, item] of value.entries()) check(item, shape.listOf, `${pointer}/${String(index)}`);
  } else checkMap(value, shape, pointer);
}

function checkMap(value: JsonValue, shape: Exclude<Shape, string>, pointer: string): void {
  if (!isJsonObject(value)) throw failedAt(pointer, 'must be a map');
  for (const [key, member] of Object.entries(value)) {
    const own = 'mapOf' in shape ? shape.mapOf : 'fields' in shape ? fieldOf(shape.fields, key) : undefined;
    if (own !== undefined) check(member, own, `${pointer}/${pointerKey(key)}`);
  }
}

function fieldOf(fields: Readonly<Record<string, Shape>>, key: string): Shape | undefined {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
