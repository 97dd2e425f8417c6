// A generated Application, the one that is there and the set's `ignoreApplicationDifferences` in; the Application with the fields that others may write as they are out.
import { canonicalJson, isJsonObject, parseJqPath, parsePointer, takePath } from '@wheelwright/kernel';
import type { JsonValue, PathSegment } from '@wheelwright/kernel';
import { application as schema } from './schema-application.js';
import type { Application, IgnoreApplicationDifference, IntentMeta } from './types.js';

/** A path of a rule that cannot be carried out. It is left out; the others of its rule count. */
export interface IgnoreProblem {
  /** Where in the set, as a JSON pointer. */
  readonly pointer: string;
  readonly message: string;
}

/** The rules of a set, ready for use. */
export interface IgnoredApplicationFields {
  /** Paths from the root of an Application of this name. */
  pathsOf(name: string): readonly (readonly PathSegment[])[];
  readonly problems: readonly IgnoreProblem[];
}

/** What a set may leave as it is: the declaration of an Application, without its name and its place. */
export type LiveApplication = Pick<Application, 'spec'> & {
  readonly metadata: Pick<IntentMeta, 'labels' | 'annotations'>;
};

const SCOPE = 'only fields of spec, metadata/labels and metadata/annotations are kept';

/**
 * Reads the rules (`compatibility.md` 2.1). A rule with a name is for that Application only. Of jq the paths that only step down are taken:
 * no expression of a user runs on the hub.
 */
export function readIgnoreRules(rules: readonly IgnoreApplicationDifference[]): IgnoredApplicationFields {
  const problems: IgnoreProblem[] = [];
  const compiled = rules.map((rule, at) => {
    const pointer = `/spec/ignoreApplicationDifferences/${String(at)}`;
    const paths: (readonly PathSegment[])[] = [];
    const add = (field: string, text: string, path: readonly PathSegment[] | undefined): void => {
      if (path === undefined) {
        const wanted = field.startsWith('jq')
          ? 'only paths such as .spec.sources[].targetRevision are supported'
          : 'a JSON pointer starts with /';
        problems.push({ pointer: `${pointer}/${field}`, message: `"${text}" is left out: ${wanted}` });
      } else if (!isInScope(path)) {
        problems.push({ pointer: `${pointer}/${field}`, message: `"${text}" is left out: ${SCOPE}` });
      } else paths.push(path);
    };
    for (const [index, text] of (rule.jsonPointers ?? []).entries())
      add(`jsonPointers/${String(index)}`, text, parsePointer(text));
    for (const [index, text] of (rule.jqPathExpressions ?? []).entries())
      add(`jqPathExpressions/${String(index)}`, text, parseJqPath(text));
    return { name: rule.name ?? '', paths };
  });
  return {
    problems,
    pathsOf: (name) => compiled.flatMap((rule) => (rule.name === '' || rule.name === name ? rule.paths : [])),
  };
}

function isInScope([first, second]: readonly PathSegment[]): boolean {
  return first === 'spec' || (first === 'metadata' && (second === 'labels' || second === 'annotations'));
}

/**
 * The generated Application with every field that a rule names as the live one has it, absent ones absent. A fault where the two together
 * are no valid Application (a destination with a server and a name, say): the live one is then better left alone.
 */
export function keepIgnored(
  generated: Application,
  live: LiveApplication,
  fields: IgnoredApplicationFields,
): { readonly application: Application } | { readonly fault: string } {
  const paths = fields.pathsOf(generated.metadata.name);
  if (paths.length === 0) return { application: generated };
  const before = documentOf(generated);
  const kept = takeAll(before, documentOf(live), paths);
  if (canonicalJson(kept) === canonicalJson(before)) return { application: generated };
  const { metadata, spec } = isJsonObject(kept) ? kept : {};
  const { labels, annotations } = isJsonObject(metadata) ? metadata : {};
  const parsed = schema.safeParse({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { ...generated.metadata, labels, annotations },
    spec,
  });
  if (parsed.success) return { application: parsed.data };
  const [issue] = parsed.error.issues;
  return { fault: `/${issue?.path.join('/') ?? ''} ${issue?.message ?? 'is not valid'}` };
}

/** Whether two declarations of one Application differ in nothing but fields that its set leaves to others. */
export function differOnlyInIgnored(
  name: string,
  pair: readonly [LiveApplication, LiveApplication],
  fields: IgnoredApplicationFields,
): boolean {
  const paths = fields.pathsOf(name);
  const [one, other] = pair.map(documentOf);
  if (one === undefined || other === undefined) return false;
  return canonicalJson(takeAll(one, other, paths)) === canonicalJson(other);
}

function takeAll(value: JsonValue, other: JsonValue, paths: readonly (readonly PathSegment[])[]): JsonValue {
  return paths.reduce<JsonValue>((current, path) => takePath(current, other, path) ?? current, value);
}

/** Only what rules can name. */
function documentOf({ metadata, spec }: LiveApplication): JsonValue {
  return {
    metadata: { labels: { ...metadata.labels }, annotations: { ...metadata.annotations } },
    spec: JSON.parse(JSON.stringify(spec)) as JsonValue,
  };
}
