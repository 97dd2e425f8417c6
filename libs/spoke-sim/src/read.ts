// The read verbs of one spoke: GET and LIST. Stored objects in, the JSON text of an answer out, whole or metadata only.
import { badRequest, notFound } from './api-error.js';
import { isMap, type JsonMap } from './json.js';
import { storeKeyOf, type Kind } from './kinds.js';
import { selectorPredicate } from './selectors.js';
import type { ClusterStore, Stored } from './store.js';
import { subjectOf, type Target } from './target.js';

/** Whether objects are asked for whole or by their metadata only. */
export type Form = 'whole' | 'metadata';

/** The form that an `Accept` header asks for. */
export function formOf(accept: string): Form {
  return accept
    .split(',')
    .some(
      (type) => /as=PartialObjectMetadata(List)?(;|$)/.test(type.replaceAll(' ', '')) && type.includes('g=meta.k8s.io'),
    )
    ? 'metadata'
    : 'whole';
}

/** JSON text of one object in a form. */
export function objectText(stored: Stored, form: Form): string {
  if (form === 'whole') return JSON.stringify(stored.object);
  stored.metadataText ??= `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":${JSON.stringify(stored.object.metadata)}}`;
  return stored.metadataText;
}

/** JSON text of a stored object, or 404. */
export function getText(store: ClusterStore, target: Target, form: Form): string {
  const stored = store.get(storeKeyOf(target.kind), `${target.kind.namespaced ? target.namespace : ''}/${target.name}`);
  if (stored === undefined) throw notFound(subjectOf(target));
  return objectText(inVersion(stored, target.kind), form);
}

/** A stored object as one version of its kind shows it (versions differ in name only here). */
export function inVersion(stored: Stored, kind: Kind): Stored {
  const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
  if (stored.object.apiVersion === apiVersion) return stored;
  return { object: { ...stored.object, apiVersion }, version: stored.version };
}

/** What a LIST asks for. */
export interface ListQuery {
  readonly kind: Kind;
  /** Empty for all namespaces. */
  readonly namespace: string;
  readonly form: Form;
  readonly params: URLSearchParams;
}

/** Objects of a kind, in one namespace or all, that the selectors of a request let through. */
export function selectObjects(
  query: ListQuery,
  rows: readonly (readonly [string, Stored])[],
): (readonly [string, Stored])[] {
  const matches = selectorPredicate(query.params.get('labelSelector') ?? '', query.params.get('fieldSelector') ?? '');
  const prefix = query.kind.namespaced && query.namespace !== '' ? `${query.namespace}/` : '';
  return rows.filter(([key, stored]) => key.startsWith(prefix) && (matches === undefined || matches(stored.object)));
}

interface Page {
  readonly version: number;
  readonly after: string;
}

/** JSON text of the list that a request asks for: one page where it sets `limit`. */
export function listText(store: ClusterStore, query: ListQuery): string {
  const { params } = query;
  const resource = storeKeyOf(query.kind);
  const page = pageOf(params.get('continue') ?? '');
  const version = page?.version ?? versionOf(store, params);
  const all = selectObjects(query, store.listAt(resource, version));
  const rows = page === undefined ? all : all.slice(all.findIndex(([key]) => key === page.after) + 1);
  const limit = Number(params.get('limit') ?? '0');
  const shown = limit > 0 ? rows.slice(0, limit) : rows;
  const metadata: JsonMap = { resourceVersion: String(version) };
  const last = shown.at(-1);
  if (shown.length < rows.length && last !== undefined) {
    metadata.continue = Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: version, start: last[0] })).toString(
      'base64url',
    );
    const selective = params.has('labelSelector') || params.has('fieldSelector');
    if (!selective) metadata.remainingItemCount = rows.length - shown.length;
  }
  return `{${headOf(query)},"metadata":${JSON.stringify(metadata)},"items":[${shown.map(([, stored]) => itemText(query, stored)).join(',')}]}`;
}

function headOf({ kind, form }: ListQuery): string {
  if (form === 'metadata') return '"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1"';
  const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
  return `"kind":${JSON.stringify(`${kind.kind}List`)},"apiVersion":${JSON.stringify(apiVersion)}`;
}

function itemText({ kind, form }: ListQuery, stored: Stored): string {
  if (form === 'metadata' || !kind.builtIn) return objectText(inVersion(stored, kind), form);
  // Items of built-in kinds do not repeat what the list says.
  const { apiVersion: _a, kind: _k, ...rest } = stored.object;
  return JSON.stringify(rest);
}

function versionOf(store: ClusterStore, params: URLSearchParams): number {
  const asked = params.get('resourceVersion') ?? '';
  if (asked === '' || asked === '0') return store.version;
  const version = parseVersion(asked);
  store.checkVersion(version);
  return params.get('resourceVersionMatch') === 'Exact' ? version : store.version;
}

/** The number in a `resourceVersion` parameter, or 400. */
export function parseVersion(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`invalid resource version: ${JSON.stringify(text)}`);
  return Number(text);
}

function pageOf(token: string): Page | undefined {
  if (token === '') return undefined;
  try {
    const page: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (isMap(page) && typeof page.rv === 'number' && typeof page.start === 'string')
      return { version: page.rv, after: page.start };
  } catch {
    // Said below, in the words of the real server.
  }
  throw badRequest('invalid continue token: continue key is not valid');
}
