// A request line in, what it asks for out: a document of discovery, a probe, or a verb on a resource.
import { methodNotAllowed, noSuchResource } from './api-error.js';
import type { Kind, KindTable } from './kinds.js';
import type { CountedVerb } from './ledger.js';

/** What a path names. */
export type Route =
  | { readonly kind: 'version' }
  | { readonly kind: 'health' }
  | { readonly kind: 'groups'; readonly core: boolean }
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'resources'; readonly group: string; readonly version: string }
  | ResourceRoute;

export interface ResourceRoute {
  readonly kind: 'resource';
  readonly resource: Kind;
  readonly namespace: string;
  /** Empty for the whole collection. */
  readonly name: string;
  readonly subresource: string;
}

/** Reads a path. Throws 404 where nothing is served there. */
export function parseRoute(path: string, kinds: KindTable): Route {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map((part) => decodeURIComponent(part));
  const [root, ...rest] = parts;
  switch (root) {
    case 'version':
      return { kind: 'version' };
    case 'healthz':
    case 'livez':
    case 'readyz':
      return { kind: 'health' };
    case 'api':
      if (rest.length === 0) return { kind: 'groups', core: true };
      return parseResource('', rest, kinds);
    case 'apis': {
      const [group, ...below] = rest;
      if (group === undefined) return { kind: 'groups', core: false };
      return below.length === 0 ? { kind: 'group', group } : parseResource(group, below, kinds);
    }
    default:
      throw noSuchResource();
  }
}

function parseResource(group: string, parts: readonly string[], kinds: KindTable): Route {
  const [version = '', ...rest] = parts;
  if (rest.length === 0) return { kind: 'resources', group, version };
  // `namespaces/x` is an object, `namespaces/x/status` its subresource, `namespaces/x/pods` the pods in it.
  const inNamespace =
    rest[0] === 'namespaces' && rest.length > 2 && kinds.find(group, version, rest[2] ?? '') !== undefined;
  const [namespace, tail] = inNamespace ? [rest[1] ?? '', rest.slice(2)] : ['', rest];
  const [plural = '', name = '', subresource = ''] = tail;
  const resource = kinds.find(group, version, plural);
  if (resource === undefined || tail.length > 3) throw noSuchResource();
  if (inNamespace !== resource.namespaced && (inNamespace || name !== '')) throw noSuchResource();
  if (subresource !== '' && !servesSubresource(resource, subresource)) throw noSuchResource();
  return { kind: 'resource', resource, namespace, name, subresource };
}

function servesSubresource(resource: Kind, subresource: string): boolean {
  return subresource === 'status' ? resource.hasStatus : resource.subresources.includes(subresource);
}

/** The verb of a request on a resource. Throws 405 where there is none. */
export function verbOf(
  route: ResourceRoute,
  method: string,
  request: { readonly watch: boolean; readonly contentType: string },
): CountedVerb {
  const one = route.name !== '';
  switch (method) {
    case 'GET':
      if (request.watch) return 'watch';
      return one ? 'get' : 'list';
    case 'POST':
      if (one) throw methodNotAllowed();
      return 'create';
    case 'PUT':
      if (!one) throw methodNotAllowed();
      return 'update';
    case 'PATCH':
      if (!one) throw methodNotAllowed();
      return request.contentType.startsWith('application/apply-patch') ? 'apply' : 'patch';
    case 'DELETE':
      return 'delete';
    default:
      throw methodNotAllowed();
  }
}
