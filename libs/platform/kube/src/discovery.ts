// Discovery documents in (aggregated, or one list per group as servers before 1.26 answer), the kinds that a spoke serves out.
import { digestOf, isJsonObject, type JsonObject, type JsonValue } from '@wheelwright/kernel';
import type { ApiResource, Discovery } from './types.js';

/** Asks for both versions of the aggregated format, and takes the old one. */
export const AGGREGATED_DISCOVERY = [
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
  'application/json',
].join(',');

/** Kinds found so far, in the order in which the spoke prefers their versions. */
export interface DiscoveryPart {
  readonly resources: readonly ApiResource[];
  readonly complete: boolean;
}

/** Joins parts; earlier resources win where a kind is there twice. */
export function discoveryOf(parts: readonly DiscoveryPart[]): Discovery {
  const resources = parts.flatMap((part) => part.resources);
  const byKind = new Map<string, ApiResource>();
  const byVersion = new Map<string, ApiResource>();
  for (const resource of resources) {
    const kind = `${resource.group}/${resource.kind}`;
    const versioned = `${kind}/${resource.version}`;
    if (!byKind.has(kind)) byKind.set(kind, resource);
    if (!byVersion.has(versioned)) byVersion.set(versioned, resource);
  }
  const lines = resources.map(
    (item) => `${item.group}/${item.version}/${item.kind}/${item.plural}/${String(item.namespaced)}`,
  );
  return {
    resources,
    complete: parts.every((part) => part.complete),
    digest: digestOf(lines.sort()),
    find: (group, kind, version) =>
      version === undefined ? byKind.get(`${group}/${kind}`) : byVersion.get(`${group}/${kind}/${version}`),
  };
}

/** Reads an `APIGroupDiscoveryList`; `undefined` where the document is something else. */
export function parseAggregated(document: JsonObject): DiscoveryPart | undefined {
  if (document['kind'] !== 'APIGroupDiscoveryList') return undefined;
  let complete = true;
  const resources: ApiResource[] = [];
  for (const group of objects(document['items'])) {
    const metadata = group['metadata'];
    const name = isJsonObject(metadata) ? text(metadata['name']) : '';
    for (const version of objects(group['versions'])) {
      // A stale version is what the server remembers of an API service that does not answer.
      if (version['freshness'] === 'Stale') complete = false;
      for (const resource of objects(version['resources'])) {
        const found = aggregatedResource(name, text(version['version']), resource);
        if (found !== undefined) resources.push(found);
      }
    }
  }
  return { resources, complete };
}

function aggregatedResource(group: string, version: string, resource: JsonObject): ApiResource | undefined {
  const responseKind = resource['responseKind'];
  const kind = isJsonObject(responseKind) ? text(responseKind['kind']) : '';
  const plural = text(resource['resource']);
  if (kind === '' || plural === '' || version === '') return undefined;
  return {
    group,
    version,
    kind,
    plural,
    namespaced: resource['scope'] === 'Namespaced',
    verbs: texts(resource['verbs']),
  };
}

/** Group and version of each list that the old format needs, preferred versions first. */
export function parseGroupVersions(
  document: JsonObject,
): readonly { readonly group: string; readonly version: string }[] {
  if (document['kind'] === 'APIVersions') return texts(document['versions']).map((version) => ({ group: '', version }));
  return objects(document['groups']).flatMap((entry) => {
    const group = text(entry['name']);
    const preferred = isJsonObject(entry['preferredVersion']) ? text(entry['preferredVersion']['version']) : '';
    const versions = objects(entry['versions']).map((version) => text(version['version']));
    const ordered = [preferred, ...versions.filter((version) => version !== preferred)];
    return ordered.filter((version) => version !== '' && group !== '').map((version) => ({ group, version }));
  });
}

/** Reads an `APIResourceList`; subresources (`pods/log`) are left out. */
export function parseResourceList(document: JsonObject, group: string, version: string): readonly ApiResource[] {
  return objects(document['resources']).flatMap((resource) => {
    const plural = text(resource['name']);
    const kind = text(resource['kind']);
    if (plural === '' || kind === '' || plural.includes('/')) return [];
    return [
      { group, version, kind, plural, namespaced: resource['namespaced'] === true, verbs: texts(resource['verbs']) },
    ];
  });
}

function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]).filter(isJsonObject) : [];
}

function texts(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]).filter((item) => typeof item === 'string') : [];
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
