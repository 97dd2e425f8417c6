// A project and an object in, whether the project permits objects of its kind out (`compatibility.md` 2.9).
import type { AppProject, KindRule } from '@wheelwright/intent';
import type { ResourceKey } from '@wheelwright/kernel';
import { compilePattern } from './patterns.js';
import type { Violation } from './types.js';

/** An object, and whether its kind lives in namespaces. */
export interface CheckedObject {
  readonly key: ResourceKey;
  readonly namespaced: boolean;
}

/**
 * Checks one object. Kinds of the cluster need an entry in the white list (an absent list has none). Kinds of a namespace are free where
 * their white list is absent; an empty one permits nothing. The black list wins.
 */
export function permitsKind(project: AppProject, object: CheckedObject): readonly Violation[] {
  const { spec, metadata } = project;
  const rule = object.namespaced ? 'namespaceResources' : 'clusterResources';
  const allowed = object.namespaced ? spec.namespaceResourceWhitelist : (spec.clusterResourceWhitelist ?? []);
  const denied = object.namespaced ? spec.namespaceResourceBlacklist : spec.clusterResourceBlacklist;
  const { group, kind } = object.key;
  const what = `${group === '' ? kind : `${group}/${kind}`}${namesObjects([...(allowed ?? []), ...(denied ?? [])]) ? ` ${object.key.name}` : ''}`;
  if ((denied ?? []).some((entry) => matchesRule(entry, object.key, 'deny'))) {
    return [{ rule, message: `project ${metadata.name}: ${what} is denied` }];
  }
  if (allowed === undefined || allowed.some((entry) => matchesRule(entry, object.key, 'allow'))) return [];
  const list = object.namespaced ? 'namespaceResourceWhitelist' : 'clusterResourceWhitelist';
  return [{ rule, message: `project ${metadata.name}: ${what} is not permitted: add it to ${list}` }];
}

function namesObjects(rules: readonly KindRule[]): boolean {
  return rules.some(({ name }) => name !== undefined && name !== '');
}

function matchesRule(rule: KindRule, key: ResourceKey, effect: 'allow' | 'deny'): boolean {
  return (
    matches(rule.group, key.group, effect) &&
    matches(rule.kind, key.kind, effect) &&
    (rule.name === undefined || rule.name === '' || matches(rule.name, key.name, effect))
  );
}

/** A pattern that cannot be read allows nothing and denies everything. */
function matches(glob: string, text: string, effect: 'allow' | 'deny'): boolean {
  // These lists know no negation: a leading `!` is a character like any other.
  const compiled = compilePattern(glob.startsWith('!') ? `\\${glob}` : glob, { separators: '/' });
  return 'pattern' in compiled ? compiled.pattern.matches(text) : effect === 'deny';
}
