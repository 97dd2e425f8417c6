// A set of field paths, as `managedFields` holds it: a tree whose edges are path elements (`f:name`, `k:{"name":"x"}`, `v:"x"`).
// Follows the FieldsV1 format of Kubernetes API conventions (structured merge). Every function here leaves its inputs alone.
import { isMap, type JsonMap } from './json.js';

/** One node: whether the path that leads here is in the set, and what continues from here. */
export interface FieldSet {
  readonly member: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

export const EMPTY_SET: FieldSet = { member: false, children: new Map() };

/** Whether no path at all is in the set. */
export function isEmptySet(set: FieldSet): boolean {
  return !set.member && set.children.size === 0;
}

function node(member: boolean, children: Map<string, FieldSet>): FieldSet {
  for (const [key, value] of children) if (isEmptySet(value)) children.delete(key);
  return { member, children };
}

/** Collects paths one by one; `build` answers the set. */
export class FieldSetBuilder {
  private readonly root: MutableNode = { member: false, children: new Map() };

  add(path: readonly string[]): void {
    let at = this.root;
    for (const element of path) {
      let next = at.children.get(element);
      if (next === undefined) {
        next = { member: false, children: new Map() };
        at.children.set(element, next);
      }
      at = next;
    }
    at.member = true;
  }

  build(): FieldSet {
    return this.root;
  }
}

interface MutableNode {
  member: boolean;
  children: Map<string, MutableNode>;
}

/** Paths in either set. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a)) return b;
  if (isEmptySet(b)) return a;
  const children = new Map(a.children);
  for (const [key, value] of b.children) {
    const mine = children.get(key);
    children.set(key, mine === undefined ? value : union(mine, value));
  }
  return { member: a.member || b.member, children };
}

/** Paths in the first set and not in the second (a path, not what lies below it). */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a) || isEmptySet(b)) return a;
  const children = new Map<string, FieldSet>();
  for (const [key, value] of a.children) {
    const other = b.children.get(key);
    children.set(key, other === undefined ? value : difference(value, other));
  }
  return node(a.member && !b.member, children);
}

/** Paths in both sets. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [key, value] of a.children) {
    const other = b.children.get(key);
    if (other !== undefined) children.set(key, intersection(value, other));
  }
  return node(a.member && b.member, children);
}

/** The set without the paths given and without all that lies below them. */
export function without(set: FieldSet, paths: FieldSet): FieldSet {
  if (paths.member) return EMPTY_SET;
  if (paths.children.size === 0) return set;
  const children = new Map<string, FieldSet>();
  for (const [key, value] of set.children) {
    const other = paths.children.get(key);
    children.set(key, other === undefined ? value : without(value, other));
  }
  return node(set.member, children);
}

/** The set plus each named field on the way to one of its paths (list items are members only where they are listed). */
export function withNamedParents(set: FieldSet): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [key, value] of set.children) {
    const inner = withNamedParents(value);
    children.set(key, key.startsWith('f:') && !inner.member ? { member: true, children: inner.children } : inner);
  }
  return { member: set.member, children };
}

/** Whether two sets hold the same paths. */
export function sameSet(a: FieldSet, b: FieldSet): boolean {
  if (a.member !== b.member || a.children.size !== b.children.size) return false;
  for (const [key, value] of a.children) {
    const other = b.children.get(key);
    if (other === undefined || !sameSet(value, other)) return false;
  }
  return true;
}

/** Every path of the set, in order. */
export function pathsOf(set: FieldSet): string[][] {
  const out: string[][] = [];
  const walk = (at: FieldSet, path: readonly string[]): void => {
    if (at.member) out.push([...path]);
    for (const key of [...at.children.keys()].sort()) {
      const next = at.children.get(key);
      if (next !== undefined) walk(next, [...path, key]);
    }
  };
  walk(set, []);
  return out;
}

/** `.spec.containers[name="app"].image`: a path as conflict messages print it. */
export function formatPath(path: readonly string[]): string {
  return path
    .map((element) => {
      const body = element.slice(2);
      if (element.startsWith('f:')) return `.${body}`;
      if (element.startsWith('v:')) return `[=${body}]`;
      const keys: unknown = JSON.parse(body);
      if (!isMap(keys)) return `[${body}]`;
      return `[${Object.entries(keys)
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        .join(',')}]`;
    })
    .join('');
}

/** The set as the JSON of `fieldsV1`. */
export function toFieldsV1(set: FieldSet): JsonMap {
  const out: JsonMap = {};
  if (set.member && set.children.size > 0) out['.'] = {};
  for (const key of [...set.children.keys()].sort()) {
    const child = set.children.get(key);
    if (child !== undefined) out[key] = toFieldsV1(child);
  }
  return out;
}

/** Reads the JSON of `fieldsV1`. A node without content is a member; one with content is a member where it says `.`. */
export function fromFieldsV1(fields: JsonMap): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [key, value] of Object.entries(fields)) {
    if (key === '.' || !isMap(value)) continue;
    const inner = fromFieldsV1(value);
    children.set(key, inner.children.size === 0 ? { member: true, children: inner.children } : inner);
  }
  return { member: Object.hasOwn(fields, '.'), children };
}
