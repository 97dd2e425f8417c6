// `ignoreDifferences` in, for one object: the paths and the managers whose fields are left out of its comparison.
import { compileGlob, parseJqPath, parsePointer, type PathSegment, type ResourceKey } from '@wheelwright/kernel';
import type { IgnoreDifference } from '@wheelwright/intent';
import type { PlanWarning } from './types.js';

/** What is left out of the comparison of one object. */
export interface IgnoredFields {
  readonly paths: readonly (readonly PathSegment[])[];
  readonly managers: readonly string[];
}

export interface IgnoreRules {
  /** Rules that match an object. */
  fieldsOf(key: ResourceKey): IgnoredFields;
  readonly warnings: readonly PlanWarning[];
}

interface CompiledRule extends IgnoredFields {
  matches(key: ResourceKey): boolean;
}

/** Compiles the rules once per plan. Group and kind are globs, name and namespace are exact; what cannot be carried out becomes a warning. */
export function compileIgnoreRules(rules: readonly IgnoreDifference[]): IgnoreRules {
  const warnings: PlanWarning[] = [];
  const compiled = rules.flatMap((rule, at) => compileRule(rule, { at, warnings }));
  return {
    warnings,
    fieldsOf: (key) => {
      const matching = compiled.filter((rule) => rule.matches(key));
      return { paths: matching.flatMap(({ paths }) => paths), managers: matching.flatMap(({ managers }) => managers) };
    },
  };
}

function compileRule(
  rule: IgnoreDifference,
  { at, warnings }: { readonly at: number; readonly warnings: PlanWarning[] },
): readonly CompiledRule[] {
  const warn = (field: string, message: string): void => {
    warnings.push({
      type: 'IgnoreDifferencesWarning',
      message: `spec.ignoreDifferences[${String(at)}].${field}: ${message}`,
    });
  };
  const paths: (readonly PathSegment[])[] = [];
  for (const pointer of rule.jsonPointers ?? []) {
    const path = parsePointer(pointer);
    if (path === undefined || path.length === 0)
      warn('jsonPointers', `"${pointer}" is not a JSON pointer to a field, and is ignored`);
    else paths.push(path);
  }
  for (const expression of rule.jqPathExpressions ?? []) {
    const path = parseJqPath(expression);
    if (path === undefined)
      warn(
        'jqPathExpressions',
        `"${expression}" is not supported yet: only paths such as .spec.replicas or .items[].name are`,
      );
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
    return [{ matches, paths, managers: rule.managedFieldsManagers ?? [] }];
  } catch {
    warn('group', `"${rule.group ?? ''}" or kind "${rule.kind}" is not a glob, and the rule is ignored`);
    return [];
  }
}
