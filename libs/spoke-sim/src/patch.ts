// A live object and a patch document in, the patched object out: JSON Patch (RFC 6902), JSON Merge Patch (RFC 7386), strategic merge.
import { ApiError, badRequest } from './api-error.js';
import { clone, equal, isMap, removeKey, type Json, type JsonMap } from './json.js';

/** Lays a merge patch over a value: `null` removes a key, maps merge, everything else replaces. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isMap(patch)) return clone(patch);
  const out: JsonMap = isMap(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    if (value === null) removeKey(out, key);
    else out[key] = mergePatch(out[key], value);
  }
  return out;
}

/** Merge keys of lists in built-in kinds (`patchMergeKey`); lists that are not named here are replaced. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  imagePullSecrets: 'name',
  conditions: 'type',
  ownerReferences: 'uid',
  hostAliases: 'ip',
  secrets: 'name',
  webhooks: 'name',
};

/** Lists of scalars that a strategic patch adds to. */
const MERGED_SETS: ReadonlySet<string> = new Set(['finalizers']);

/** Lays a strategic merge patch over a value of a built-in kind, with `$patch: delete|replace` and `$retainKeys` left out. */
export function strategicPatch(target: Json | undefined, patch: Json): Json {
  if (!isMap(patch)) return clone(patch);
  if (patch.$patch === 'replace') return withoutDirective(patch);
  const out: JsonMap = isMap(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined || key.startsWith('$')) continue;
    if (value === null) removeKey(out, key);
    else if (Array.isArray(value)) out[key] = strategicList(key, out[key], value);
    else if (isMap(value) && value.$patch === 'delete') removeKey(out, key);
    else out[key] = strategicPatch(out[key], value);
  }
  return out;
}

function withoutDirective(patch: JsonMap): JsonMap {
  const { $patch: _, ...rest } = patch;
  return clone(rest);
}

function strategicList(field: string, target: Json | undefined, patch: Json[]): Json {
  const list = Array.isArray(target) ? [...target] : [];
  if (MERGED_SETS.has(field)) return [...list, ...patch.filter((item) => !list.some((other) => equal(other, item)))];
  const key = mergeKey(field, [...list, ...patch]);
  if (key === undefined) return clone(patch);
  if (patch.some((item) => isMap(item) && item.$patch === 'replace')) {
    return clone(patch.filter((item) => !isMap(item) || item.$patch === undefined));
  }
  for (const item of patch) {
    if (!isMap(item)) continue;
    const at = list.findIndex((other) => isMap(other) && equal(other[key], item[key]));
    if (item.$patch === 'delete') {
      if (at >= 0) list.splice(at, 1);
    } else if (at < 0) list.push(strategicPatch(undefined, item));
    else list[at] = strategicPatch(list[at], item);
  }
  return list;
}

function mergeKey(field: string, items: readonly Json[]): string | undefined {
  if (field === 'ports')
    return items.some((item) => isMap(item) && item.containerPort !== undefined) ? 'containerPort' : 'port';
  return Object.hasOwn(MERGE_KEYS, field) ? MERGE_KEYS[field] : undefined;
}

/** Carries out a JSON Patch. Throws 400 where the document is no patch, 422 where an operation cannot be carried out. */
export function jsonPatch(target: Json, operations: Json): Json {
  if (!Array.isArray(operations)) throw badRequest('the body of a JSON patch must be a list of operations');
  let root = clone(target);
  for (const operation of operations) {
    if (!isMap(operation) || typeof operation.op !== 'string' || typeof operation.path !== 'string') {
      throw badRequest('each operation of a JSON patch needs "op" and "path"');
    }
    root = operate(root, operation, pointer(operation.path));
  }
  return root;
}

function operate(root: Json, operation: JsonMap, path: readonly string[]): Json {
  const value = operation.value ?? null;
  switch (operation.op) {
    case 'add':
      return path.length === 0
        ? clone(value)
        : edit(root, path, (parent) => {
            insert(parent, path.at(-1) ?? '', clone(value));
          });
    case 'replace':
      at(root, path);
      return path.length === 0
        ? clone(value)
        : edit(root, path, (parent) => {
            assign(parent, path.at(-1) ?? '', clone(value));
          });
    case 'remove':
      at(root, path);
      return path.length === 0
        ? null
        : edit(root, path, (parent) => {
            drop(parent, path.at(-1) ?? '');
          });
    case 'test':
      if (!equal(find(root, path) ?? null, value)) throw unprocessable(`testing value ${path.join('/')} failed`);
      return root;
    case 'copy':
    case 'move': {
      const from = pointer(typeof operation.from === 'string' ? operation.from : '');
      const moved = clone(at(root, from));
      const rest = operation.op === 'move' ? operate(root, { op: 'remove' }, from) : root;
      return operate(rest, { op: 'add', value: moved }, path);
    }
    default:
      throw badRequest(`unknown operation of a JSON patch: ${JSON.stringify(operation.op)}`);
  }
}

const unprocessable = (message: string): ApiError =>
  new ApiError({
    code: 422,
    reason: 'Invalid',
    message: `the server rejected our request due to an error in our request: ${message}`,
  });

function pointer(text: string): string[] {
  if (text === '') return [];
  if (!text.startsWith('/')) throw badRequest(`"${text}" is not a JSON pointer`);
  return text
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function find(root: Json, path: readonly string[]): Json | undefined {
  let here: Json | undefined = root;
  for (const part of path) {
    if (Array.isArray(here)) here = /^\d+$/.test(part) ? here[Number(part)] : undefined;
    else if (isMap(here) && Object.hasOwn(here, part)) here = here[part];
    else return undefined;
  }
  return here;
}

function at(root: Json, path: readonly string[]): Json {
  const value = find(root, path);
  if (value === undefined) throw unprocessable(`path /${path.join('/')} does not exist`);
  return value;
}

/** Changes the container that a path ends in. */
function edit(root: Json, path: readonly string[], change: (parent: Json) => void): Json {
  change(at(root, path.slice(0, -1)));
  return root;
}

function insert(parent: Json, key: string, value: Json): void {
  if (!Array.isArray(parent)) {
    assign(parent, key, value);
    return;
  }
  const index = key === '-' ? parent.length : Number(key);
  if (!Number.isInteger(index) || index < 0 || index > parent.length)
    throw unprocessable(`no place ${key} in the list`);
  parent.splice(index, 0, value);
}

function assign(parent: Json, key: string, value: Json): void {
  if (Array.isArray(parent)) parent[Number(key)] = value;
  else if (isMap(parent)) parent[key] = value;
  else throw unprocessable(`no place for ${key}`);
}

function drop(parent: Json, key: string): void {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else if (isMap(parent)) removeKey(parent, key);
}
