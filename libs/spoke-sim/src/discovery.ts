// Served kinds in, discovery documents out: the aggregated form and the older one with a document for each group and version.
import type { JsonMap } from './json.js';
import { verbsOf, type Kind } from './kinds.js';

/** `Content-Type` of the aggregated form; clients ask for it with the same parameters in `Accept`. */
export const AGGREGATED_TYPE = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Whether an `Accept` header asks for the aggregated form of v2. */
export function wantsAggregated(accept: string): boolean {
  return accept
    .split(',')
    .some(
      (type) =>
        type.includes('as=APIGroupDiscoveryList') &&
        type.includes('g=apidiscovery.k8s.io') &&
        /v=v2(?![a-z0-9])/.test(type),
    );
}

const SUBRESOURCE_VERBS: Readonly<Record<string, readonly string[]>> = {
  status: ['get', 'patch', 'update'],
  finalize: ['update'],
};

function subresourcesOf(kind: Kind): { readonly name: string; readonly verbs: string[] }[] {
  const names = kind.hasStatus ? [...kind.subresources, 'status'] : kind.subresources;
  return names.map((name) => ({ name, verbs: [...(SUBRESOURCE_VERBS[name] ?? [])] }));
}

function groupsOf(kinds: readonly Kind[]): Map<string, Map<string, Kind[]>> {
  const groups = new Map<string, Map<string, Kind[]>>();
  for (const kind of kinds) {
    const versions = groups.get(kind.group) ?? new Map<string, Kind[]>();
    groups.set(kind.group, versions);
    const rows = versions.get(kind.version) ?? [];
    versions.set(kind.version, rows);
    rows.push(kind);
  }
  return groups;
}

/** `APIGroupDiscoveryList` of the core group (`/api`) or of all others (`/apis`). */
export function aggregatedDiscovery(kinds: readonly Kind[], core: boolean): JsonMap {
  const items: JsonMap[] = [];
  for (const [group, versions] of groupsOf(kinds)) {
    if ((group === '') !== core) continue;
    items.push({
      metadata: group === '' ? {} : { name: group },
      versions: [...versions].map(([version, rows]) => ({
        version,
        resources: rows.map((kind) => aggregatedResource(kind)),
        freshness: 'Current',
      })),
    });
  }
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

function aggregatedResource(kind: Kind): JsonMap {
  // Built-in kinds leave group and version of `responseKind` empty: they are those of the document around them.
  const responseKind = kind.builtIn
    ? { group: '', version: '', kind: kind.kind }
    : { group: kind.group, version: kind.version, kind: kind.kind };
  const resource: JsonMap = {
    resource: kind.plural,
    responseKind,
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: [...verbsOf(kind)],
  };
  if (kind.shortNames.length > 0) resource.shortNames = [...kind.shortNames];
  if (kind.categories.length > 0) resource.categories = [...kind.categories];
  const subresources = subresourcesOf(kind);
  if (subresources.length > 0) {
    resource.subresources = subresources.map(({ name, verbs }) => ({
      subresource: name,
      responseKind: { ...responseKind },
      verbs,
    }));
  }
  return resource;
}

/** `/api`: the versions of the core group. */
export function coreVersions(serverAddress: string): JsonMap {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

function apiGroup(group: string, versions: readonly string[]): JsonMap {
  const list = versions.map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions: list, preferredVersion: { ...(list[0] ?? {}) } };
}

/** `/apis`: every group but the core one. */
export function groupList(kinds: readonly Kind[]): JsonMap {
  const groups = [...groupsOf(kinds)].filter(([group]) => group !== '');
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groups.map(([group, versions]) => apiGroup(group, [...versions.keys()])),
  };
}

/** `/apis/<group>`, or undefined where no such group is served. */
export function groupDocument(kinds: readonly Kind[], group: string): JsonMap | undefined {
  const versions = group === '' ? undefined : groupsOf(kinds).get(group);
  if (versions === undefined) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group, [...versions.keys()]) };
}

/** `/apis/<group>/<version>` or `/api/v1`, or undefined where it is not served. */
export function resourceList(kinds: readonly Kind[], group: string, version: string): JsonMap | undefined {
  const rows = groupsOf(kinds).get(group)?.get(version);
  if (rows === undefined) return undefined;
  const resources = rows.flatMap((kind) => {
    const main: JsonMap = {
      name: kind.plural,
      singularName: kind.singular,
      namespaced: kind.namespaced,
      kind: kind.kind,
      verbs: [...verbsOf(kind)],
    };
    if (kind.shortNames.length > 0) main.shortNames = [...kind.shortNames];
    if (kind.categories.length > 0) main.categories = [...kind.categories];
    const others = subresourcesOf(kind).map(({ name, verbs }): JsonMap => ({
      name: `${kind.plural}/${name}`,
      singularName: '',
      namespaced: kind.namespaced,
      kind: kind.kind,
      verbs,
    }));
    return [main, ...others];
  });
  const head: JsonMap = { kind: 'APIResourceList' };
  if (group !== '') head.apiVersion = 'v1';
  return { ...head, groupVersion: group === '' ? version : `${group}/${version}`, resources };
}
