// One request to one spoke in, its answer out: authentication, faults, then the verb.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse as parseYaml } from 'yaml';
import {
  ApiError,
  badRequest,
  invalid,
  noSuchResource,
  payloadTooLarge,
  unauthorized,
  unsupportedMediaType,
} from './api-error.js';
import type { SimulatedSpoke } from './cluster.js';
import {
  AGGREGATED_TYPE,
  aggregatedDiscovery,
  coreVersions,
  groupDocument,
  groupList,
  resourceList,
  wantsAggregated,
} from './discovery.js';
import { isMap, mapAt, textAt, type Json, type JsonMap } from './json.js';
import { storeKeyOf } from './kinds.js';
import type { CountedVerb } from './ledger.js';
import { formOf, getText, inVersion, listText, objectText, selectObjects } from './read.js';
import { parseRoute, verbOf, type ResourceRoute, type Route } from './route.js';
import type { WatchHub } from './watch.js';
import type { DeleteOptions, PatchType, Target, WriteOptions, Written } from './writes.js';

/** A request that belongs to one spoke; `path` starts below the spoke's base address. */
export interface SpokeRequest {
  readonly spoke: SimulatedSpoke;
  readonly path: string;
  readonly params: URLSearchParams;
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
}

interface Answer {
  readonly code: number;
  readonly text: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const BODY_LIMIT = 3_145_728;
const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
};

/** Handles one request to the end. Never throws: what goes wrong is answered. */
export async function handleRequest(request: SpokeRequest, watches: WatchHub): Promise<void> {
  const { spoke, message, response } = request;
  const { faults, ledger } = spoke;
  if (faults.isDown) {
    message.socket.destroy();
    return;
  }
  try {
    // The body is read first, so that a refused request leaves the connection fit for the next one.
    const body = await readBody(message);
    const route = routeOf(request);
    const verb = countedVerb(request, route);
    ledger.count(verb.counted);
    if (faults.latencyMs > 0) await delay(faults.latencyMs);
    await faults.passHold('before');
    const verdict = faults.judge(verb.asked);
    if (verdict.kind === 'refuse') throw refused(request, verdict.error);
    if (verdict.kind === 'fail')
      throw new ApiError({
        code: 500,
        reason: 'InternalError',
        message: 'Internal error occurred: a fault was asked for',
      });
    if (verdict.kind === 'drop' && verdict.when === 'before') {
      message.socket.destroy();
      return;
    }
    if (!spoke.accepts(tokenOf(message))) throw refused(request, unauthorized());
    if (route instanceof ApiError) throw route;
    if (route.kind === 'resource' && verb.asked === 'watch') {
      watches.start(spoke.store, { ...collection(request, route), namespace: route.namespace }, response);
      return;
    }
    const answer = route.kind === 'resource' ? perform({ ...request, route, body }, verb) : document(request, route);
    await faults.passHold('after');
    if (verdict.kind === 'drop') message.socket.destroy();
    else send(response, answer);
  } catch (error) {
    send(response, failure(error));
  }
}

function refused(request: SpokeRequest, error: ApiError): ApiError {
  request.spoke.ledger.refuse();
  return error;
}

function routeOf(request: SpokeRequest): Route | ApiError {
  try {
    return parseRoute(request.path, request.spoke.kinds);
  } catch (error) {
    return error instanceof ApiError ? error : badRequest('the path cannot be read');
  }
}

interface Verb {
  readonly counted: CountedVerb;
  readonly asked: CountedVerb;
}

function countedVerb(request: SpokeRequest, route: Route | ApiError): Verb {
  if (route instanceof ApiError || route.kind === 'version' || route.kind === 'health')
    return { counted: 'other', asked: 'other' };
  if (route.kind !== 'resource') return { counted: 'discovery', asked: 'discovery' };
  const watch = ['1', 'true'].includes(request.params.get('watch') ?? '');
  const asked = verbOf(route, request.message.method ?? '', { watch, contentType: mediaType(request.message) });
  return { asked, counted: isDryRun(request.params) ? 'dryRun' : asked };
}

const isDryRun = (params: URLSearchParams): boolean => params.getAll('dryRun').includes('All');
const mediaType = (message: IncomingMessage): string =>
  (message.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

function tokenOf(message: IncomingMessage): string {
  const match = /^Bearer\s+(\S+)$/i.exec(message.headers.authorization ?? '');
  return match?.[1] ?? '';
}

const delay = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size <= BODY_LIMIT) chunks.push(bytes);
  }
  if (size > BODY_LIMIT) throw payloadTooLarge();
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, answer: Answer): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  response.writeHead(answer.code, {
    'content-type': answer.type ?? 'application/json',
    'content-length': Buffer.byteLength(answer.text),
    ...answer.headers,
  });
  response.end(answer.text);
}

function failure(error: unknown): Answer {
  const known =
    error instanceof ApiError
      ? error
      : new ApiError({
          code: 500,
          reason: 'InternalError',
          message: `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`,
        });
  const retryAfter = known.failure.retryAfterSeconds;
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return { code: known.code, text: JSON.stringify(known.status()), headers };
}

const json = (value: Json, code = 200): Answer => ({ code, text: JSON.stringify(value) });

function document(request: SpokeRequest, route: Exclude<Route, ResourceRoute>): Answer {
  const kinds = request.spoke.kinds.list();
  switch (route.kind) {
    case 'version':
      return json({
        major: '1',
        minor: '35',
        gitVersion: 'v1.35.4',
        gitCommit: '',
        gitTreeState: '',
        buildDate: '1970-01-01T00:00:00Z',
        goVersion: '',
        compiler: 'gc',
        platform: 'linux/amd64',
      });
    case 'health':
      return { code: 200, text: 'ok', type: 'text/plain; charset=utf-8' };
    case 'groups':
      if (wantsAggregated(request.message.headers.accept ?? '')) {
        return { code: 200, text: JSON.stringify(aggregatedDiscovery(kinds, route.core)), type: AGGREGATED_TYPE };
      }
      return json(route.core ? coreVersions(request.message.headers.host ?? '') : groupList(kinds));
    case 'group':
      return found(groupDocument(kinds, route.group));
    case 'resources':
      return found(resourceList(kinds, route.group, route.version));
  }
}

function found(value: JsonMap | undefined): Answer {
  if (value === undefined) throw noSuchResource();
  return json(value);
}

interface Operation extends SpokeRequest {
  readonly route: ResourceRoute;
  readonly body: string;
}

function collection(request: SpokeRequest, route: ResourceRoute) {
  const { params } = request;
  if (route.name !== '') params.set('fieldSelector', `metadata.name=${route.name}`);
  return {
    kind: route.resource,
    namespace: route.namespace,
    form: formOf(request.message.headers.accept ?? ''),
    params,
  };
}

function perform(operation: Operation, verb: Verb): Answer {
  const { spoke, route } = operation;
  const target: Target = {
    kind: route.resource,
    namespace: route.namespace,
    name: route.name,
    subresource: route.subresource,
  };
  switch (verb.asked) {
    case 'list':
      return { code: 200, text: listText(spoke.store, collection(operation, route)) };
    case 'get':
      return { code: 200, text: getText(spoke.store, target, formOf(operation.message.headers.accept ?? '')) };
    case 'delete':
      return route.name === '' ? deleteMany(operation, target) : deleteOne(operation, target);
    default:
      return write(operation, target, verb.asked);
  }
}

function write(operation: Operation, target: Target, verb: CountedVerb): Answer {
  const { spoke, params } = operation;
  const options = writeOptions(operation, verb);
  const before = spoke.writer.live(target)?.version;
  const written = carryOut(operation, { target, verb, options });
  const stored = inVersion(written.stored, target.kind);
  if (!options.dryRun)
    record(operation, { target, verb, options, written, changed: written.stored.version !== before });
  const form = formOf(operation.message.headers.accept ?? '');
  // A preview has no metadata text worth keeping, and a dry run must not leave one behind.
  const text = isDryRun(params) ? objectText({ ...stored }, form) : objectText(stored, form);
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
