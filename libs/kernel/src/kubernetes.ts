// The Kubernetes vocabulary that every room shares: objects, keys of objects, label selectors.
import type { JsonObject, JsonValue } from './json.js';

/** `metadata` of an object, as far as any room reads it. */
export interface ObjectMeta extends JsonObject {
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string | null;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly managedFields?: readonly JsonValue[];
}

/** A Kubernetes object: rendered, desired or live. */
export interface KubeObject extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** Group, version and kind; the core group is the empty text. */
export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Names one object on one spoke, whatever its version. `namespace` is empty for cluster-scoped objects. */
export interface ResourceKey {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Splits `apps/v1` + `Deployment` into its parts. */
export function gvkOf(object: { readonly apiVersion: string; readonly kind: string }): GroupVersionKind {
  const slash = object.apiVersion.indexOf('/');
  return slash < 0
    ? { group: '', version: object.apiVersion, kind: object.kind }
    : { group: object.apiVersion.slice(0, slash), version: object.apiVersion.slice(slash + 1), kind: object.kind };
}

/** `group/version`, or just `version` for the core group. */
export function apiVersionOf(gvk: { readonly group: string; readonly version: string }): string {
  return gvk.group === '' ? gvk.version : `${gvk.group}/${gvk.version}`;
}

/** The key of an object as it stands (an absent namespace is the empty text). */
export function resourceKeyOf(object: KubeObject): ResourceKey {
  const { group, kind } = gvkOf(object);
  return { group, kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' };
}

/** `group/Kind/namespace/name`: unique and sortable. No part can hold a `/`, so {@link parseResourceKey} reverses it. */
export function formatResourceKey(key: ResourceKey): string {
  return `${key.group}/${key.kind}/${key.namespace}/${key.name}`;
}

/** Reverses {@link formatResourceKey}; `undefined` where the text is not such a key. */
export function parseResourceKey(text: string): ResourceKey | undefined {
  const parts = text.split('/');
  const [group, kind, namespace, name] = parts;
  if (parts.length !== 4 || group === undefined || !kind || namespace === undefined || !name) return undefined;
  return { group, kind, namespace, name };
}

/** Operators of `matchExpressions` (Kubernetes `LabelSelectorRequirement`). */
export type SelectorOperator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';

export interface SelectorRequirement {
  readonly key: string;
  readonly operator: SelectorOperator;
  readonly values?: readonly string[];
}

/** A Kubernetes label selector; all parts must hold, and an empty one selects everything. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly SelectorRequirement[];
}

/** Whether a selector has no requirement at all. */
export function isEmptySelector(selector: LabelSelector | undefined): boolean {
  return (
    selector === undefined ||
    (Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0)
  );
}

/** Whether labels satisfy a selector. As in Kubernetes, `NotIn` also holds where the key is absent. */
export function matchesSelector(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    if (labelValue(labels, key) !== value) return false;
  }
  return (selector.matchExpressions ?? []).every((requirement) => matchesRequirement(requirement, labels));
}

function matchesRequirement(requirement: SelectorRequirement, labels: Readonly<Record<string, string>>): boolean {
  const value = labelValue(labels, requirement.key);
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && (requirement.values ?? []).includes(value);
    case 'NotIn':
      return value === undefined || !(requirement.values ?? []).includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

function labelValue(labels: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/**
 * Parses the text form of a selector, as `kubectl -l` takes it: `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
 * Answers the selector, or the reason why the text is not one.
 */
export function parseLabelSelector(text: string): { readonly selector: LabelSelector } | { readonly problem: string } {
  const requirements: SelectorRequirement[] = [];
  for (const part of splitOutsideParentheses(text)) {
    const term = part.trim();
    if (term === '') continue;
    const requirement = parseTerm(term);
    if (requirement === undefined) return { problem: `"${term}" is not a label selector term` };
    requirements.push(requirement);
  }
  return { selector: { matchExpressions: requirements } };
}

const KEY = '[A-Za-z0-9](?:[A-Za-z0-9_./-]*[A-Za-z0-9])?';
const SET_TERM = new RegExp(`^(${KEY}) +(in|notin) *\\(([^()]*)\\)$`);
const EQUALITY_TERM = new RegExp(`^(${KEY}) *(==|=|!=) *([A-Za-z0-9_.-]*)$`);
const EXISTENCE_TERM = new RegExp(`^(!?) *(${KEY})$`);

function parseTerm(term: string): SelectorRequirement | undefined {
  const set = SET_TERM.exec(term);
  if (set?.[1] !== undefined) {
    const values = (set[3] ?? '').split(',').map((value) => value.trim());
    return { key: set[1], operator: set[2] === 'in' ? 'In' : 'NotIn', values };
  }
  const equality = EQUALITY_TERM.exec(term);
  if (equality?.[1] !== undefined) {
    return { key: equality[1], operator: equality[2] === '!=' ? 'NotIn' : 'In', values: [equality[3] ?? ''] };
  }
  const existence = EXISTENCE_TERM.exec(term);
  if (existence?.[2] !== undefined)
    return { key: existence[2], operator: existence[1] === '!' ? 'DoesNotExist' : 'Exists' };
  return undefined;
}

function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}
