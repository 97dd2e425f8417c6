// `templatePatch` of a set in, what patches each rendered Application out.
import type { ApplicationSet } from '@wheelwright/intent';
import { isJsonObject, type JsonObject, type JsonValue } from '@wheelwright/kernel';
import { checkShape } from './application-shape.js';
import { failedAt, warning, type Params } from './params.js';
import { parseYaml } from './parse-yaml.js';
import type { Meter } from './render-tree.js';
import { strategicMerge } from './strategic-merge.js';
import type { TextEngine } from './text-engine.js';
import type { ExpandIssue } from './types.js';

const POINTER = '/spec/templatePatch';
/** Patches that are kept parsed. */
const MAX_REMEMBERED = 1_000;
/** Fields of an Application; what is not among them would be lost without a word. */
const FIELDS: Readonly<Record<string, ReadonlySet<string>>> = {
  '': new Set(['apiVersion', 'kind', 'metadata', 'spec', 'operation', 'status']),
  metadata: new Set(['name', 'namespace', 'labels', 'annotations', 'finalizers']),
  spec: new Set([
    'project',
    'source',
    'sources',
    'sourceHydrator',
    'destination',
    'syncPolicy',
    'ignoreDifferences',
    'info',
    'revisionHistoryLimit',
  ]),
};

/** The patch of a set. */
export interface TemplatePatch {
  /** The Application with the patch over it. Its project stays: a patch cannot lead out of it. Throws ExpandFailed where the patch is none. */
  apply(application: JsonObject, params: Params): JsonObject;
  /** Fields that patches named and that Applications do not have. */
  issues(): readonly ExpandIssue[];
}

/** The patch: rendered as one text in the mode of the set, read as YAML or JSON, merged the way Kubernetes merges patches strategically. */
export function templatePatchOf(set: ApplicationSet, engine: TextEngine, meter: Meter): TemplatePatch | undefined {
  const { templatePatch } = set.spec;
  if (templatePatch === undefined) return undefined;
  const text = engine.compile(templatePatch);
  const unknown = new Set<string>();
  const parsedPatches = new Map<string, JsonObject>();
  const read = (params: Params): JsonObject => {
    const rendered = text.render(params, POINTER);
    meter.spend(rendered.length);
    // Most parameters come to the same few patches.
    const known = parsedPatches.get(rendered);
    if (known !== undefined) return known;
    const patch = parse(rendered);
    if (parsedPatches.size < MAX_REMEMBERED) parsedPatches.set(rendered, patch);
    return patch;
  };
  const parse = (rendered: string): JsonObject => {
    const parsed = parseYaml(rendered, POINTER, 'the rendered patch');
    if (parsed === null || parsed === undefined) return {};
    if (!isJsonObject(parsed))
      throw failedAt(POINTER, 'invalid templatePatch: it must be a map with the fields of an Application');
    return keepKnown(parsed, unknown);
  };
  return {
    apply(application, params) {
      const patched = strategicMerge(application, read(params), POINTER);
      checkShape(patched, POINTER);
      return withProjectOf(patched, application);
    },
    issues: () => [...unknown].sort().map((field) => warning('UnknownField', POINTER, unknownMessage(field))),
  };
}

function unknownMessage(field: string): string {
  return `an Application has no field ${field}: it is left out`;
}

function withProjectOf(patched: JsonObject, application: JsonObject): JsonObject {
  const project = isJsonObject(application['spec']) ? application['spec']['project'] : undefined;
  const { project: _project, ...spec } = isJsonObject(patched['spec']) ? patched['spec'] : {};
  return { ...patched, spec: { ...spec, ...(project === undefined ? {} : { project }) } };
}

/** Drops the fields that Applications do not have, at the top and one level below. */
function keepKnown(patch: JsonObject, unknown: Set<string>): JsonObject {
  const keep = (object: JsonObject, path: string): JsonObject => {
    const entries = Object.entries(object).filter(([key]) => {
      const isKnown = key.startsWith('$') || FIELDS[path]?.has(key) === true;
      if (!isKnown) unknown.add(path === '' ? key : `${path}.${key}`);
      return isKnown;
    });
    return Object.fromEntries(entries);
  };
  const nested = (value: JsonValue | undefined, path: string): JsonValue | undefined =>
    isJsonObject(value) ? keep(value, path) : value;
  const top = keep(patch, '');
  return Object.fromEntries(
    Object.entries(top).map(([key, value]) => [key, key === 'metadata' || key === 'spec' ? nested(value, key) : value]),
  );
}
