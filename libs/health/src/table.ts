// How a kind is judged, as data, and an object in; its health out. The first check that has an opinion decides.
import { isJsonObject, type JsonValue, type KubeObject } from '@wheelwright/kernel';
import { asCondition } from './read.js';
import type { Health, HealthRule, HealthStatus } from './types.js';

/** Names of members, from the object down. Lists on the way are walked through: each of their items goes on. */
export type Path = readonly string[];

/** One question to an object. */
export type Check =
  /** The controller has not seen the newest `spec`: every number at `path` is below `metadata.generation`. Silent where there is none. */
  | { readonly on: 'generation'; readonly path: Path }
  /** The verdict on the status of a condition of this type; `reasons` and `severity` narrow which conditions are meant. */
  | {
      readonly on: 'condition';
      readonly path: Path;
      readonly type: string;
      readonly verdicts: Readonly<Record<string, HealthStatus>>;
      readonly reasons?: readonly string[];
      readonly severity?: string;
    }
  /** The verdict on a text, number or truth value; the message is the first text at `messageAt`. */
  | {
      readonly on: 'field';
      readonly path: Path;
      readonly verdicts: Readonly<Record<string, HealthStatus>>;
      readonly messageAt: Path;
    }
  /** There is nothing at the path, or an empty list or map. */
  | { readonly on: 'absent'; readonly path: Path; readonly verdict: HealthStatus; readonly message: string }
  /** There is a text at the path, such as that of an error: it is the message. */
  | { readonly on: 'present'; readonly path: Path; readonly verdict: HealthStatus }
  /** The number at `path` (absent: 0) is below that at `than`. */
  | { readonly on: 'fewer'; readonly path: Path; readonly than: Path; readonly verdict: HealthStatus };

/** Kinds of one group that are judged alike. */
export interface KindTable {
  /** May begin with `*.`: then every group below that name is meant, unless another rule names it. */
  readonly group: string;
  /** `*`: every kind of the group that no other rule names. */
  readonly kinds: readonly string[];
  readonly checks: readonly Check[];
  /** Where no check has an opinion. */
  readonly otherwise: Health;
  /** One kind that stands for a group or kind with `*` in golden cases. */
  readonly sample?: { readonly group: string; readonly kind: string };
}

/** A member path in writing: `status.phase`. */
export function at(text: string): Path {
  return text === '' ? [] : text.split('.');
}

/** `status.observedGeneration`, or what else holds the generation that the controller has seen. */
export function behind(path = 'status.observedGeneration'): Check {
  return { on: 'generation', path: at(path) };
}

/** What a condition of `status.conditions` (or of another list) comes to. */
export function condition(
  type: string,
  verdicts: Readonly<Record<string, HealthStatus>>,
  options: { readonly reasons?: readonly string[]; readonly severity?: string; readonly path?: string } = {},
): Check {
  const { path = 'status.conditions', ...narrowed } = options;
  return { on: 'condition', path: at(path), type, verdicts, ...narrowed };
}

/** What the text, number or truth value of a field comes to. */
export function field(
  path: string | Path,
  verdicts: Readonly<Record<string, HealthStatus>>,
  messageAt = 'status.message',
): Check {
  return { on: 'field', path: typeof path === 'string' ? at(path) : path, verdicts, messageAt: at(messageAt) };
}

export function absent(path: string, verdict: HealthStatus, message: string): Check {
  return { on: 'absent', path: at(path), verdict, message };
}

export function present(path: string, verdict: HealthStatus): Check {
  return { on: 'present', path: at(path), verdict };
}

export function fewer(path: string, than: string): Check {
  return { on: 'fewer', path: at(path), than: at(than), verdict: 'Progressing' };
}

/** One rule per kind of the table. */
export function rulesOf(table: KindTable): readonly HealthRule[] {
  const verdicts = [...new Set([...table.checks.flatMap(verdictsOf), table.otherwise.status])];
  const says = [...table.checks.map(wordsOf), `otherwise: ${table.otherwise.status}`];
  const { group, sample } = table;
  return table.kinds.map((kind) => ({
    group,
    kind,
    verdicts,
    says,
    judge: (object) => evaluate(table, object),
    ...(sample === undefined ? {} : { sample }),
  }));
}

/** The verdict of the first check that has one. */
export function evaluate({ checks, otherwise }: KindTable, object: KubeObject): Health {
  for (const check of checks) {
    const health = answer(check, object);
    if (health !== undefined) return health;
  }
  return otherwise;
}

function answer(check: Check, object: KubeObject): Health | undefined {
  switch (check.on) {
    case 'generation': {
      const seen = leavesAt(object, check.path).flatMap((leaf) => numberOf(leaf) ?? []);
      if (seen.length === 0 || Math.max(...seen) >= (object.metadata.generation ?? 0)) return undefined;
      return { status: 'Progressing', message: 'the newest spec has not been observed yet' };
    }
    case 'condition':
      return ofCondition(check, object);
    case 'field':
      return ofField(check, object);
    case 'absent':
      return leavesAt(object, check.path).some((leaf) => !isEmpty(leaf))
        ? undefined
        : { status: check.verdict, message: check.message };
    case 'present': {
      const message = leavesAt(object, check.path).find((leaf) => typeof leaf === 'string' && leaf !== '');
      return typeof message === 'string' ? { status: check.verdict, message } : undefined;
    }
    case 'fewer': {
      const have = numberOf(leavesAt(object, check.path)[0]) ?? 0;
      const want = numberOf(leavesAt(object, check.than)[0]) ?? 0;
      if (have >= want) return undefined;
      return { status: check.verdict, message: `${check.path.join('.')} is ${String(have)} of ${String(want)}` };
    }
  }
}

function ofCondition(check: Extract<Check, { on: 'condition' }>, object: KubeObject): Health | undefined {
  for (const leaf of leavesAt(object, check.path)) {
    if (!isJsonObject(leaf)) continue;
    const { type, status, reason, message } = asCondition(leaf);
    if (type !== check.type || !Object.hasOwn(check.verdicts, status)) continue;
    if (check.reasons !== undefined && !check.reasons.includes(reason)) continue;
    if (check.severity !== undefined && leaf['severity'] !== check.severity) continue;
    const verdict = check.verdicts[status];
    if (verdict !== undefined) return { status: verdict, message: message || reason || `${type} is ${status}` };
  }
  return undefined;
}

function ofField(check: Extract<Check, { on: 'field' }>, object: KubeObject): Health | undefined {
  for (const leaf of leavesAt(object, check.path)) {
    const text = textOf(leaf);
    const verdict = text === undefined || !Object.hasOwn(check.verdicts, text) ? undefined : check.verdicts[text];
    if (verdict === undefined) continue;
    const message = leavesAt(object, check.messageAt).find((given) => typeof given === 'string' && given !== '');
    return {
      status: verdict,
      message: typeof message === 'string' ? message : `${check.path.join('.')} is ${text ?? ''}`,
    };
  }
  return undefined;
}

function verdictsOf(check: Check): readonly HealthStatus[] {
  switch (check.on) {
    case 'generation':
      return ['Progressing'];
    case 'condition':
    case 'field':
      return Object.values(check.verdicts);
    case 'absent':
    case 'present':
    case 'fewer':
      return [check.verdict];
  }
}

function wordsOf(check: Check): string {
  const path = check.path.join('.');
  switch (check.on) {
    case 'generation':
      return `\`${path}\` behind: Progressing`;
    case 'condition': {
      const narrowed = [
        ...(check.reasons === undefined ? [] : [`reason ${check.reasons.join(' or ')}`]),
        ...(check.severity === undefined ? [] : [`severity ${check.severity}`]),
      ].join(', ');
      const where = path === 'status.conditions' ? '' : ` in \`${path}\``;
      return `${check.type}${where}${narrowed === '' ? '' : ` (${narrowed})`} ${outcomes(check.verdicts)}`;
    }
    case 'field':
      return `\`${path}\` ${outcomes(check.verdicts)}`;
    case 'absent':
      return `no \`${path}\`: ${check.verdict}`;
    case 'present':
      return `\`${path}\` given: ${check.verdict}`;
    case 'fewer':
      return `\`${path}\` below \`${check.than.join('.')}\`: ${check.verdict}`;
  }
}

function outcomes(verdicts: Readonly<Record<string, HealthStatus>>): string {
  const byVerdict = new Map<HealthStatus, string[]>();
  for (const [value, verdict] of Object.entries(verdicts))
    byVerdict.set(verdict, [...(byVerdict.get(verdict) ?? []), value === '' ? 'empty' : value]);
  return [...byVerdict].map(([verdict, values]) => `${values.join(', ')}: ${verdict}`).join('; ');
}

/** What is at a path, through lists. */
function leavesAt(object: KubeObject, path: Path): readonly JsonValue[] {
  // An object of the API is JSON by its origin; its type names only the members that all kinds have.
  let values: readonly JsonValue[] = [{ ...object }];
  for (const name of path) {
    values = values
      .flatMap((value) => (isList(value) ? value : [value]))
      .flatMap((value) => (isJsonObject(value) && Object.hasOwn(value, name) ? (value[name] ?? []) : []));
  }
  return values.flatMap((value) => (isList(value) ? value : [value])).filter((value) => value !== null);
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isEmpty(value: JsonValue): boolean {
  return value === '' || (isJsonObject(value) && Object.keys(value).length === 0);
}

/** Some controllers write their generation as a text. */
function numberOf(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

function textOf(value: JsonValue): string | undefined {
  return typeof value === 'object' ? undefined : String(value);
}

/** Whether a rule is meant for a kind. */
export function coversKind(rule: Pick<HealthRule, 'group' | 'kind'>, group: string, kind: string): boolean {
  const isGroup = rule.group.startsWith('*.') ? group.endsWith(rule.group.slice(1)) : rule.group === group;
  return isGroup && (rule.kind === '*' || rule.kind === kind);
}
