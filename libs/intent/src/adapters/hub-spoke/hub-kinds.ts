// The kinds that the hub serves as a destination: those of its own catalogue, and nothing else.
import { digestOf } from '@wheelwright/kernel';
import type { ApiResource, Discovery } from '@wheelwright/platform-kube';
import { CATALOGUE_GROUP, CATALOGUE_VERSION } from '../../parse-object.js';
import type { CatalogueObject } from '../../types.js';

/** Kind of an object of the catalogue. */
export type HubKind = CatalogueObject['kind'];

const VERBS = ['get', 'list', 'patch', 'delete'];

const PLURALS: Readonly<Record<HubKind, string>> = {
  Application: 'applications',
  ApplicationSet: 'applicationsets',
  AppProject: 'appprojects',
};

const RESOURCES: readonly ApiResource[] = Object.entries(PLURALS).map(([kind, plural]) => ({
  group: CATALOGUE_GROUP,
  version: CATALOGUE_VERSION,
  kind,
  plural,
  namespaced: true,
  verbs: VERBS,
}));

/** Discovery of the hub: always the same, always complete. */
export const HUB_DISCOVERY: Discovery = {
  resources: RESOURCES,
  complete: true,
  digest: digestOf(RESOURCES.map(({ plural }) => plural)),
  find: (group, kind, version) =>
    RESOURCES.find(
      (resource) =>
        resource.group === group && resource.kind === kind && (version === undefined || resource.version === version),
    ),
};

/** The kind that a path names; `undefined` where the hub does not serve it. */
export function hubKindOf({ group, plural }: { readonly group: string; readonly plural: string }): HubKind | undefined {
  if (group !== CATALOGUE_GROUP) return undefined;
  switch (plural) {
    case PLURALS.Application:
      return 'Application';
    case PLURALS.ApplicationSet:
      return 'ApplicationSet';
    case PLURALS.AppProject:
      return 'AppProject';
    default:
      return undefined;
  }
}
