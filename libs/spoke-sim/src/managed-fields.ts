// Who owns which field: live object, incoming object and writer in, the object with its `managedFields` brought up to date out.
// Rules: https://kubernetes.io/docs/reference/using-api/server-side-apply/ and the updater of structured merge.
import { applyConflict } from './api-error.js';
import { compare, fieldsOf } from './compare.js';
import {
  difference,
  EMPTY_SET,
  FieldSetBuilder,
  formatPath,
  fromFieldsV1,
  intersection,
  isEmptySet,
  pathsOf,
  sameSet,
  toFieldsV1,
  union,
  without,
  withNamedParents,
  type FieldSet,
} from './field-set.js';
import { equal, isMap, textAt, type Json, type JsonMap, type SimObject } from './json.js';
import { mergeApplied, removeFields } from './merge.js';
import type { KindShape } from './structure.js';

/** Who writes, and through what. */
export interface Writer {
  readonly manager: string;
  readonly apiVersion: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** RFC 3339, whole seconds. */
  readonly now: string;
}

interface Owner {
  readonly manager: string;
  readonly operation: string;
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string;
  readonly set: FieldSet;
}

function fieldSet(paths: readonly (readonly string[])[]): FieldSet {
  const builder = new FieldSetBuilder();
  for (const path of paths) builder.add(path);
  return builder.build();
}

/** Fields that nobody owns: the server's own. */
const UNOWNED = fieldSet([
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((field) => ['f:metadata', `f:${field}`]),
]);

/** Fields that a write through one door leaves alone, so that its writer cannot own them. */
const resetPaths = (subresource: string, hasStatus: boolean): FieldSet => {
  if (subresource === 'status') return fieldSet([['f:spec'], ['f:metadata', 'f:labels']]);
  return hasStatus ? fieldSet([['f:status']]) : EMPTY_SET;
};

/** A kind as far as ownership reads it. */
export interface OwnedKind extends KindShape {
  readonly hasStatus: boolean;
}

// An applier is one owner whatever the version it applies; an updater is one for each version.
const idOf = (owner: Omit<Owner, 'set' | 'time'>): string =>
  JSON.stringify([
    owner.manager,
    owner.operation,
    owner.operation === 'Apply' ? '' : owner.apiVersion,
    owner.subresource,
  ]);

function readOwners(object: SimObject | undefined): Map<string, Owner> {
  const owners = new Map<string, Owner>();
  for (const entry of object?.metadata.managedFields ?? []) {
    if (!isMap(entry) || !isMap(entry.fieldsV1)) continue;
    const owner: Owner = {
      manager: textAt(entry, 'manager'),
      operation: textAt(entry, 'operation'),
      apiVersion: textAt(entry, 'apiVersion'),
      subresource: textAt(entry, 'subresource'),
      time: textAt(entry, 'time'),
      set: fromFieldsV1(entry.fieldsV1),
    };
    owners.set(idOf(owner), owner);
  }
  return owners;
}

function writeOwners(object: SimObject, owners: ReadonlyMap<string, Owner>): SimObject {
  const sorted = [...owners.values()]
    .filter((owner) => !isEmptySet(owner.set))
    .sort((a, b) => sortKey(a).localeCompare(sortKey(b)));
  const entries = sorted.map((owner): Json => {
    const entry: JsonMap = {
      manager: owner.manager,
      operation: owner.operation,
      apiVersion: owner.apiVersion,
      time: owner.time,
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(owner.set),
    };
    if (owner.subresource !== '') entry.subresource = owner.subresource;
    return entry;
  });
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata: entries.length === 0 ? metadata : { ...metadata, managedFields: entries } };
}

const sortKey = (owner: Owner): string =>
  `${owner.operation} ${owner.time} ${owner.manager} ${owner.apiVersion} ${owner.subresource}`;

function bare(object: SimObject): SimObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/**
 * Ownership after a create, an update or a patch: the writer owns what it added or changed, and nobody owns what is gone.
 * `live` is undefined for a create. `next` may carry `managedFields: [{}]`, which clears them all.
 */
export function ownUpdate(
  kind: OwnedKind,
  versions: { readonly live: SimObject | undefined; readonly next: SimObject },
  writer: Writer,
): SimObject {
  const { live } = versions;
  const next = bare(versions.next);
  if (isReset(versions.next)) return next;
  const owners = readOwners(live);
  // An object that nobody was recorded for stays without owners until somebody applies it.
  if (live !== undefined && owners.size === 0) return next;
  const changes = compare(kind, live === undefined ? emptyOf(kind, next) : bare(live), next);
  const taken = without(
    difference(union(changes.added, changes.modified), UNOWNED),
    resetPaths(writer.subresource, kind.hasStatus),
  );
  const gone = union(union(changes.added, changes.modified), changes.removed);
  for (const [id, owner] of owners) owners.set(id, { ...owner, set: difference(owner.set, gone) });
  if (!isEmptySet(taken)) {
    const self = {
      manager: writer.manager,
      operation: 'Update',
      apiVersion: writer.apiVersion,
      subresource: writer.subresource,
    };
    const id = idOf(self);
    owners.set(id, { ...self, time: writer.now, set: union(owners.get(id)?.set ?? EMPTY_SET, taken) });
  }
  return writeOwners(next, owners);
}

function isReset(object: SimObject): boolean {
  const entries = object.metadata.managedFields;
  return entries !== undefined && entries.length === 1 && equal(entries[0], {});
}

/** What a typed server starts from: the structs that are never absent in built-in kinds are not "added" by a create. */
function emptyOf(kind: KindShape, object: JsonMap): JsonMap {
  if (!kind.builtIn) return { metadata: {} };
  const out: JsonMap = {};
  for (const key of ['metadata', 'spec', 'status', 'strategy', 'updateStrategy', 'template', 'jobTemplate']) {
    const value = object[key];
    if (isMap(value)) out[key] = emptyOf(kind, value);
  }
  if (Array.isArray(object.containers)) out.containers = null;
  return out;
}

/** What {@link ownApply} came to. */
export interface Applied {
  /** The merged object with its owners. */
  readonly object: SimObject;
  /** False where nothing but time differs from the live object. */
  readonly changed: boolean;
}

/**
 * Server-side apply: merges the configuration into the live object, removes what this manager applied before and does not any more
 * (unless another owns it), and settles ownership. Throws 409 naming the owners of fields it would change, unless forced.
 */
export function ownApply(
  kind: OwnedKind,
  versions: { readonly live: SimObject | undefined; readonly config: SimObject },
  options: Writer & { readonly force: boolean },
): Applied {
  const { live, config } = versions;
  const base = live === undefined ? undefined : bare(live);
  const before = readOwners(live);
  const owners = new Map(before);
  const unmanaged = live !== undefined && before.size === 0 ? beforeFirstApply(kind, bare(live), options) : undefined;
  if (unmanaged !== undefined) owners.set(idOf(unmanaged), unmanaged);

  const self = {
    manager: options.manager,
    operation: 'Apply',
    apiVersion: options.apiVersion,
    subresource: options.subresource,
  };
  const id = idOf(self);
  const last = owners.get(id)?.set ?? EMPTY_SET;
  const reset = resetPaths(options.subresource, kind.hasStatus);
  const set = without(difference(fieldsOf(kind, config), UNOWNED), reset);
  owners.set(id, { ...self, time: options.now, set });

  const start: JsonMap = base ?? { apiVersion: config.apiVersion, kind: config.kind, metadata: {} };
  const merged = mergeApplied(kind, start, config);
  const next = removeFields(kind, merged, abandoned(last, owners)) as SimObject;
  const changes = compare(kind, base ?? {}, next);
  settle(
    owners,
    { self: id, written: union(changes.added, changes.modified), removed: changes.removed },
    options.force,
  );

  const sameOwners = sameOwnership(before, owners);
  const changed = base === undefined || !sameOwners || !equal(base, next);
  if (!changed) return { object: live ?? next, changed };
  return { object: writeOwners(next, owners), changed };
}

/** Paths that the last configuration had and that no owner has now. */
function abandoned(last: FieldSet, owners: ReadonlyMap<string, Owner>): FieldSet {
  let owned = EMPTY_SET;
  for (const owner of owners.values()) owned = union(owned, owner.set);
  return difference(difference(withNamedParents(last), withNamedParents(owned)), UNOWNED);
}

function settle(
  owners: Map<string, Owner>,
  change: { readonly self: string; readonly written: FieldSet; readonly removed: FieldSet },
  force: boolean,
): void {
  const conflicts: { manager: string; fields: string[] }[] = [];
  for (const [id, owner] of owners) {
    if (id === change.self) continue;
    const lost = intersection(owner.set, change.written);
    if (!isEmptySet(lost))
      conflicts.push({ manager: describe(owner), fields: pathsOf(lost).map((path) => formatPath(path)) });
    owners.set(id, { ...owner, set: difference(owner.set, union(lost, change.removed)) });
  }
  if (conflicts.length > 0 && !force) throw applyConflict(conflicts.sort((a, b) => a.manager.localeCompare(b.manager)));
}

function describe(owner: Owner): string {
  const door = owner.subresource === '' ? '' : ` with subresource ${JSON.stringify(owner.subresource)}`;
  const version = owner.operation === 'Update' ? ` using ${owner.apiVersion}` : '';
  return `${JSON.stringify(owner.manager)}${door}${version}`;
}

function sameOwnership(before: ReadonlyMap<string, Owner>, after: ReadonlyMap<string, Owner>): boolean {
  const live = [...after].filter(([, owner]) => !isEmptySet(owner.set));
  return (
    live.length === before.size && live.every(([id, owner]) => sameSet(owner.set, before.get(id)?.set ?? EMPTY_SET))
  );
}

/** Stands in for whoever wrote an object before ownership was recorded for it. */
function beforeFirstApply(kind: OwnedKind, live: SimObject, writer: Writer): Owner {
  return {
    manager: 'before-first-apply',
    operation: 'Update',
    apiVersion: writer.apiVersion,
    subresource: '',
    time: writer.now,
    set: difference(fieldsOf(kind, live), UNOWNED),
  };
}
