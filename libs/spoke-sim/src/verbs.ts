// The verbs on a resource: a request in, an answer out, and a line in the ledger for each write that was carried out.
import { parse as parseYaml } from 'yaml';
import { badRequest, invalid, unsupportedMediaType } from './api-error.js';
import { isDryRun, json, mediaType, type Answer, type SpokeRequest } from './http.js';
import { isMap, mapAt, textAt, type Json, type JsonMap } from './json.js';
import { storeKeyOf } from './kinds.js';
import type { CountedVerb } from './ledger.js';
import { formOf, getText, inVersion, listText, objectText, selectObjects, type ListQuery } from './read.js';
import type { ResourceRoute } from './route.js';
import type { Target } from './target.js';
import type { DeleteOptions } from './write-checks.js';
import type { PatchType, WriteOptions, Written } from './writes.js';

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
};

/** A request on a resource, its body read. */
export interface Operation extends SpokeRequest {
  readonly route: ResourceRoute;
  readonly body: string;
}

/** What a LIST or WATCH asks for. */
export function collection(request: SpokeRequest, route: ResourceRoute): ListQuery {
  const { params } = request;
  if (route.name !== '') params.set('fieldSelector', `metadata.name=${route.name}`);
  return {
    kind: route.resource,
    namespace: route.namespace,
    form: formOf(request.message.headers.accept ?? ''),
    params,
  };
}

/** Carries out any verb but `watch`. */
export function perform(operation: Operation, verb: CountedVerb): Answer {
  const { spoke, route } = operation;
  const target: Target = {
    kind: route.resource,
    namespace: route.namespace,
    name: route.name,
    subresource: route.subresource,
  };
  switch (verb) {
    case 'list':
      return { code: 200, text: listText(spoke.store, collection(operation, route)) };
    case 'get':
      return { code: 200, text: getText(spoke.store, target, formOf(operation.message.headers.accept ?? '')) };
    case 'delete':
      return route.name === '' ? deleteMany(operation, target) : deleteOne(operation, target);
    default:
      return write(operation, target, verb);
  }
}

function write(operation: Operation, target: Target, verb: CountedVerb): Answer {
  const { spoke } = operation;
  const options = writeOptions(operation, verb);
  const before = spoke.writer.live(target)?.version;
  const written = carryOut(operation, { target, verb, options });
  const stored = inVersion(written.stored, target.kind);
  if (!options.dryRun)
    record(operation, { target, verb, options, written, changed: written.stored.version !== before });
  const text = objectText(stored, formOf(operation.message.headers.accept ?? ''));
  return { code: written.created ? 201 : 200, text };
}

interface Ordered {
  readonly target: Target;
  readonly verb: CountedVerb;
  readonly options: WriteOptions;
}

function carryOut(operation: Operation, { target, verb, options }: Ordered): Written {
  const { spoke, body } = operation;
  switch (verb) {
    case 'create':
      return spoke.writer.create(target, parseObject(body, target), options);
    case 'update':
      return spoke.writer.update(target, parseObject(body, target), options);
    case 'apply':
      return spoke.writer.apply(target, parseObject(body, target), options);
    default: {
      const type = PATCH_TYPES[mediaType(operation.message)];
      if (type === undefined) throw unsupportedMediaType();
      return spoke.writer.patch(target, { type, body: parseText(body) }, options);
    }
  }
}

function writeOptions(operation: Operation, verb: CountedVerb): WriteOptions {
  const { params, message } = operation;
  const manager = params.get('fieldManager') ?? '';
  const force = ['true', '1'].includes(params.get('force') ?? '');
  const subject = { group: 'meta.k8s.io', resource: 'PatchOptions', name: '' };
  if (verb === 'apply' && manager === '') {
    throw invalid(subject, [
      { reason: 'FieldValueRequired', message: 'Required value: is required for apply patch', field: 'fieldManager' },
    ]);
  }
  if (verb === 'patch' && params.has('force')) {
    throw invalid(subject, [
      { reason: 'FieldValueForbidden', message: 'Forbidden: may not be specified for non-apply patch', field: 'force' },
    ]);
  }
  // Without a name, a writer is known by the program in front of its User-Agent.
  const program = (message.headers['user-agent'] ?? '').split('/')[0]?.slice(0, 128) ?? '';
  return { manager: manager === '' ? program || 'unknown' : manager, dryRun: isDryRun(params), force };
}

function record(
  operation: Operation,
  outcome: Ordered & { readonly written: Written; readonly changed: boolean },
): void {
  const { target, verb, options, written } = outcome;
  if (verb !== 'create' && verb !== 'update' && verb !== 'patch' && verb !== 'apply') return;
  operation.spoke.ledger.record({
    atMs: Date.now(),
    verb,
    key: keyOf(target, written.stored.object.metadata.name ?? target.name),
    fieldManager: options.manager,
    userAgent: operation.message.headers['user-agent'] ?? '',
    resourceVersion: written.stored.object.metadata.resourceVersion ?? '',
    changed: outcome.changed,
  });
}

function keyOf(target: Target, name: string): string {
  const key = `${target.kind.group}/${target.kind.kind}/${target.namespace}/${name}`;
  return target.subresource === '' ? key : `${key}#${target.subresource}`;
}

function parseText(body: string): Json {
  try {
    const value: unknown = /^\s*[[{]/.test(body) ? JSON.parse(body) : parseYaml(body, { maxAliasCount: 50 });
    // JSON and YAML texts hold nothing but JSON values.
    return value as Json;
  } catch (error) {
    throw badRequest(`the body cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function parseObject(body: string, target: Target): JsonMap {
  const value = parseText(body);
  if (!isMap(value)) throw badRequest(`the object provided is unrecognized (must be of type ${target.kind.kind})`);
  return value;
}

function deleteOptions(operation: Operation): DeleteOptions {
  const body = operation.body.trim() === '' ? {} : parseText(operation.body);
  const options = isMap(body) ? body : {};
  const preconditions = mapAt(options, 'preconditions');
  const dryRun = isDryRun(operation.params) || (Array.isArray(options.dryRun) && options.dryRun.includes('All'));
  const policy = textAt(options, 'propagationPolicy') || (operation.params.get('propagationPolicy') ?? '');
  return {
    dryRun,
    ...(typeof preconditions.uid === 'string' ? { uid: preconditions.uid } : {}),
    ...(typeof preconditions.resourceVersion === 'string' ? { resourceVersion: preconditions.resourceVersion } : {}),
    ...(policy === '' ? {} : { propagationPolicy: policy }),
  };
}

function deleteOne(operation: Operation, target: Target): Answer {
  const options = deleteOptions(operation);
  const { stored, gone } = operation.spoke.writer.delete(target, options);
  if (!options.dryRun) recordDelete(operation, target, stored.object.metadata.resourceVersion ?? '');
  if (!gone) return { code: 200, text: objectText(inVersion(stored, target.kind), 'whole') };
  const details: JsonMap = { name: target.name, kind: target.kind.plural, uid: stored.object.metadata.uid ?? '' };
  if (target.kind.group !== '') details.group = target.kind.group;
  return json({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details });
}

function deleteMany(operation: Operation, target: Target): Answer {
  const { spoke, route } = operation;
  const query = collection(operation, route);
  const options = deleteOptions(operation);
  const rows = selectObjects(query, spoke.store.list(storeKeyOf(target.kind)));
  for (const [, { object }] of rows) {
    const one = { ...target, namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' };
    const { stored } = spoke.writer.delete(one, options);
    if (!options.dryRun) recordDelete(operation, one, stored.object.metadata.resourceVersion ?? '');
  }
  return json({
    kind: `${target.kind.kind}List`,
    apiVersion: 'v1',
    metadata: { resourceVersion: String(spoke.store.version) },
    items: rows.map(([, { object }]) => object),
  });
}

function recordDelete(operation: Operation, target: Target, resourceVersion: string): void {
  operation.spoke.ledger.record({
    atMs: Date.now(),
    verb: 'delete',
    key: keyOf(target, target.name),
    fieldManager: '',
    userAgent: operation.message.headers['user-agent'] ?? '',
    resourceVersion,
    changed: true,
  });
}
