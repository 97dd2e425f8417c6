// The objects of an Application and what a spoke lists of kinds that others own, in; the tree by ownerReferences out. The order of inputs does not matter.
import { formatResourceKey, type ResourceKey } from '@wheelwright/kernel';

/** An object that may be part of a tree. */
export interface OwnedObject {
  readonly key: ResourceKey;
  readonly uid: string;
  /** Uids of its owners. */
  readonly owners: readonly string[];
  /** ISO time; empty: not told. */
  readonly createdAt: string;
}

/** A node of a tree; `parent` is the uid of the node that owns it, absent for what Git declares. */
export interface TreeNode {
  readonly key: ResourceKey;
  readonly uid: string;
  readonly parent?: string;
  readonly createdAt: string;
}

/** What Git declares, as far as it is there. */
export type TreeRoot = Pick<OwnedObject, 'key' | 'uid'>;

/**
 * The roots, and every listed object that one of them owns, directly or through others; parents before children, then by key, at most `limit`.
 * An object with several owners stands once, under the first that is found; owners in a circle are reached by nobody and left out.
 */
export function treeOf(roots: readonly TreeRoot[], listed: readonly OwnedObject[], limit: number): readonly TreeNode[] {
  const byOwner = new Map<string, OwnedObject[]>();
  const times = new Map(listed.map(({ uid, createdAt }) => [uid, createdAt]));
  for (const object of [...listed].sort(byKey))
    for (const owner of object.owners) byOwner.set(owner, [...(byOwner.get(owner) ?? []), object]);
  const seen = new Set<string>();
  const nodes: TreeNode[] = [];
  const add = (node: TreeNode): void => {
    if (node.uid === '' || seen.has(node.uid) || nodes.length >= limit) return;
    seen.add(node.uid);
    nodes.push(node);
  };
  for (const { key, uid } of [...roots].sort(byKey)) add({ key, uid, createdAt: times.get(uid) ?? '' });
  // The list grows while it is walked: each level follows the one before.
  for (const { uid: parent } of nodes)
    for (const { key, uid, createdAt } of byOwner.get(parent) ?? []) add({ key, uid, parent, createdAt });
  return nodes;
}

function byKey(a: { readonly key: ResourceKey }, b: { readonly key: ResourceKey }): number {
  const [left, right] = [formatResourceKey(a.key), formatResourceKey(b.key)];
  return left < right ? -1 : left > right ? 1 : 0;
}
