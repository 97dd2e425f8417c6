// Rules to ignore differences in; for one object, what is left out of its comparison, out.
import {
  compileGlob,
  parseJqPath,
  parsePointer,
  type KubeObject,
  type PathSegment,
  type ResourceKey,
} from '@wheelwright/kernel';
import type { IgnoreDifference } from '@wheelwright/intent';
import type { ConcretePath } from './concrete.js';
import type { PlanWarning } from './types.js';

/** What is left out of the comparison of one object. */
export interface IgnoredFields {
  readonly paths: readonly (readonly PathSegment[])[];
  readonly managers: readonly string[];
  /** jq expressions that must be run to know what they name: see {@link NamedFields}. */
  readonly expressions: readonly string[];
}

/** What jq says of the expressions of one object: the paths that they name, on either side, and those that cannot be run. */
export interface NamedFields {
  readonly live: readonly ConcretePath[];
  readonly predicted: readonly ConcretePath[];
  readonly problems: readonly { readonly expression: string; readonly message: string }[];
}

/** One rule, and where it stands, for messages. */
export interface PlacedRule {
  readonly rule: IgnoreDifference;
  /** Such as `spec.ignoreDifferences[0]`. */
  readonly where: string;
}

export interface IgnoreRules {
  /** Rules that match an object. */
  fieldsOf(key: ResourceKey): IgnoredFields;
  readonly warnings: readonly PlanWarning[];
}

interface CompiledRule extends IgnoredFields {
  matches(key: ResourceKey): boolean;
}

/** Rules of an Application, with their places. */
export function placed(rules: readonly IgnoreDifference[] | undefined): readonly PlacedRule[] {
  return (rules ?? []).map((rule, at) => ({ rule, where: `spec.ignoreDifferences[${String(at)}]` }));
}

/** Compiles the rules once per plan. Group and kind are globs, name and namespace are exact; what cannot be carried out becomes a warning. */
export function compileIgnoreRules(rules: readonly PlacedRule[]): IgnoreRules {
  const warnings: PlanWarning[] = [];
  const compiled = rules.flatMap((rule) => compileRule(rule, warnings));
  return {
    warnings,
    fieldsOf: (key) => {
      const matching = compiled.filter((rule) => rule.matches(key));
      return {
        paths: matching.flatMap(({ paths }) => paths),
        managers: matching.flatMap(({ managers }) => managers),
        expressions: [...new Set(matching.flatMap(({ expressions }) => expressions))],
      };
    },
  };
}

/** The object as jq sees it: without the fields that every comparison leaves out and that may be larger than all others. */
export function forExpressions({ metadata, ...object }: KubeObject): KubeObject {
  const { managedFields: _managedFields, ...kept } = metadata;
  return { ...object, apiVersion: object.apiVersion, kind: object.kind, metadata: kept };
}

/** What jq could not do, once per expression however many objects it is for. */
export function expressionWarnings(named: Iterable<NamedFields>): readonly PlanWarning[] {
  const messages = new Map<string, { readonly message: string; readonly times: number }>();
  for (const { problems } of named) {
    for (const { expression, message } of problems)
      messages.set(expression, { message, times: (messages.get(expression)?.times ?? 0) + 1 });
  }
  return [...messages].map(([expression, { message, times }]) => ({
    type: 'IgnoreDifferencesWarning',
    message: `the jq expression "${shortened(expression)}" is skipped for ${String(times)} ${times === 1 ? 'object' : 'objects'}: ${message}`,
  }));
}

const SHOWN = 120;

function shortened(expression: string): string {
  return expression.length <= SHOWN ? expression : `${expression.slice(0, SHOWN)}…`;
}

function compileRule({ rule, where }: PlacedRule, warnings: PlanWarning[]): readonly CompiledRule[] {
  const warn = (field: string, message: string): void => {
    warnings.push({ type: 'IgnoreDifferencesWarning', message: `${where}.${field}: ${message}` });
  };
  const paths: (readonly PathSegment[])[] = [];
  for (const pointer of rule.jsonPointers ?? []) {
    const path = parsePointer(pointer);
    if (path === undefined || path.length === 0)
      warn('jsonPointers', `"${pointer}" is not a JSON pointer to a field, and is ignored`);
    else paths.push(path);
  }
  const expressions: string[] = [];
  for (const expression of rule.jqPathExpressions ?? []) {
    // The plain paths that most rules are need no jq.
    const path = parseJqPath(expression);
    if (path === undefined) expressions.push(expression);
    else paths.push(path);
  }
  try {
    const matchesGroup = compileGlob(rule.group ?? '');
    const matchesKind = compileGlob(rule.kind);
    const matches = (key: ResourceKey): boolean =>
      matchesGroup(key.group) &&
      matchesKind(key.kind) &&
      (rule.name === undefined || rule.name === '' || rule.name === key.name) &&
      (rule.namespace === undefined || rule.namespace === '' || rule.namespace === key.namespace);
    return [{ matches, paths, expressions, managers: rule.managedFieldsManagers ?? [] }];
  } catch {
    warn('group', `"${rule.group ?? ''}" or kind "${rule.kind}" is not a glob, and the rule is ignored`);
    return [];
  }
}
