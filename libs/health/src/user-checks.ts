// The settings of `argocd-cm` in, the health checks that users wrote out (`compatibility.md` 2.8).
import { compileGlob, digestOf, isJsonObject, type JsonObject, type JsonValue } from '@wheelwright/kernel';
import { parseDocument } from 'yaml';

/** A health check in Lua, and the kinds that it is for. */
export interface UserCheck {
  /** `group/Kind`, or `Kind` for the core group; a pattern where it holds a `*`, `?` or another sign of globs. */
  readonly pattern: string;
  readonly script: string;
  /** Whether the check asked for all libraries. */
  readonly openLibs: boolean;
  /** Of script and libraries: equal digests give equal verdicts on one object. */
  readonly digest: string;
}

/** A setting that cannot be used, and why. No message repeats a value. */
export interface UserCheckProblem {
  readonly key: string;
  readonly message: string;
}

export interface UserChecks {
  readonly checks: readonly UserCheck[];
  readonly problems: readonly UserCheckProblem[];
}

const ALL_IN_ONE = 'resource.customizations';
const SCRIPT = 'resource.customizations.health.';
const LIBRARIES = 'resource.customizations.useOpenLibs.';
/** Members of the old form that are acted on, here or by the comparison. */
const KNOWN = new Set(['health.lua', 'health.lua.useOpenLibs', 'ignoreDifferences']);
const MAX_ALIASES = 100;

interface Draft {
  readonly script?: string;
  readonly openLibs?: boolean;
}

/** Reads the checks of both forms; a key of its own wins over the same kind in `resource.customizations`. Sorted by pattern. */
export function readUserChecks(data: Readonly<Record<string, string>>): UserChecks {
  const problems: UserCheckProblem[] = [];
  const drafts = new Map<string, Draft>(readAllInOne(data[ALL_IN_ONE], problems));
  for (const [key, text] of Object.entries(data)) {
    const prefix = [SCRIPT, LIBRARIES].find((name) => key.startsWith(name));
    if (prefix === undefined) continue;
    const pattern = patternOf(key.slice(prefix.length));
    if (pattern === undefined)
      problems.push({ key, message: 'must end in <group>_<Kind>, or <Kind> of the core group' });
    else drafts.set(pattern, { ...drafts.get(pattern), ...(prefix === SCRIPT ? { script: text } : libraries(text)) });
  }
  const checks = [...drafts].flatMap(([pattern, { script, openLibs = false }]): readonly UserCheck[] => {
    if (script === undefined || script.trim() === '') return [];
    if (isPattern(pattern) && globOf(pattern) === undefined) {
      problems.push({ key: pattern, message: 'is not a pattern of <group>/<Kind>' });
      return [];
    }
    return [{ pattern, script, openLibs, digest: digestOf({ script, openLibs }) }];
  });
  return { checks: checks.sort((a, b) => (a.pattern < b.pattern ? -1 : 1)), problems };
}

/** Finds the check of a kind: the one that names it, else the longest pattern that matches. */
export function userCheckFinder(checks: readonly UserCheck[]): (group: string, kind: string) => UserCheck | undefined {
  const exact = new Map(checks.map((check) => [check.pattern, check]));
  const wide = checks
    .flatMap((check) => {
      const matches = isPattern(check.pattern) ? globOf(check.pattern) : undefined;
      return matches === undefined ? [] : [{ check, matches }];
    })
    .sort((a, b) => b.check.pattern.length - a.check.pattern.length);
  return (group, kind) => {
    const name = group === '' ? kind : `${group}/${kind}`;
    return exact.get(name) ?? wide.find(({ matches }) => matches(name))?.check;
  };
}

function libraries(text: string): Draft {
  return { openLibs: text.trim() === 'true' };
}

/** `apps_Deployment` is `apps/Deployment`, `ConfigMap` is itself. Names of groups and kinds hold no `_`. */
function patternOf(text: string): string | undefined {
  const parts = text.split('_');
  if (parts.length > 2 || parts.some((part) => part === '')) return undefined;
  return parts.join('/');
}

function isPattern(text: string): boolean {
  return /[*?[{]/.test(text);
}

function globOf(pattern: string): ((text: string) => boolean) | undefined {
  try {
    return compileGlob(pattern);
  } catch {
    return undefined;
  }
}

/** The old form: one YAML text with a member per kind. */
function readAllInOne(text: string | undefined, problems: UserCheckProblem[]): readonly (readonly [string, Draft])[] {
  if (text === undefined || text.trim() === '') return [];
  const kinds = parseMap(text);
  if (kinds === undefined) {
    problems.push({ key: ALL_IN_ONE, message: 'is not a YAML map of <group>/<Kind>' });
    return [];
  }
  return Object.entries(kinds).flatMap(([pattern, value]) => {
    if (!isJsonObject(value)) return [];
    for (const name of Object.keys(value).filter((member) => !KNOWN.has(member)))
      problems.push({ key: `${ALL_IN_ONE}: ${pattern}: ${name}`, message: 'is ignored: it has no effect here' });
    const script = value['health.lua'];
    if (typeof script !== 'string') return [];
    return [[pattern, { script, openLibs: value['health.lua.useOpenLibs'] === true }] as const];
  });
}

function parseMap(text: string): JsonObject | undefined {
  const document = parseDocument(text, { logLevel: 'silent' });
  if (document.errors.length > 0) return undefined;
  try {
    const value = document.toJS({ maxAliasCount: MAX_ALIASES }) as JsonValue;
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
