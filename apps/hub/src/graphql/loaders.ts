// One set of dataloaders per request: whatever the size of a page, each group of fields is one statement.
import DataLoader from 'dataloader';
import type { ApplicationId, ApplicationSetId, ClusterId } from '@wheelwright/kernel';
import type { Grants } from './grants.js';
import { Many } from './many.js';
import type { PageWindow } from './paging.js';
import type { Reader, Statement } from './reader.js';
import * as details from './queries/application-details.queries.js';
import {
  setsById,
  toApplicationSet,
  verdictsBySet,
  type ApplicationSetRow,
} from './queries/application-sets.queries.js';
import * as clusters from './queries/clusters.queries.js';
import * as projects from './queries/project-details.queries.js';
import { verdictsByProject } from './queries/projects.queries.js';
import type { ResourceFilter, SyncWindowState } from './types/application-parts.js';
import type { ApplicationSetNode } from './types/application-set.type.js';
import type { ClusterNode } from './types/cluster.type.js';
import { windowStates } from './window-verdicts.js';
import { foldVerdicts, type ApplicationCounts, type KeyedVerdictCount } from './types/counts.js';

/** Which objects of an Application, and which page of them. */
export interface ResourcePageKey {
  readonly id: ApplicationId;
  readonly filter: ResourceFilter;
  readonly window: PageWindow;
}

export interface HistoryPageKey {
  readonly id: ApplicationId;
  readonly first: number;
  readonly before?: string;
}

/** The first orphans of a project, which is named by `id`. */
export interface OrphanPageKey {
  readonly id: string;
  readonly first: number;
}

/** Everything that a field resolver may ask for. */
export interface Loaders {
  readonly cluster: DataLoader<ClusterId, ClusterNode | null>;
  /** Of spokes that the caller need not see: the freshness of what it sees. */
  readonly observedAt: DataLoader<ClusterId, Date | null>;
  readonly clusterCounts: DataLoader<ClusterId, ApplicationCounts>;
  readonly set: DataLoader<ApplicationSetId, ApplicationSetNode | null>;
  readonly setCounts: DataLoader<ApplicationSetId, ApplicationCounts>;
  readonly projectCounts: DataLoader<string, ApplicationCounts>;
  readonly projectSpec: DataLoader<string, projects.ProjectSpecRow | null>;
  readonly orphans: Many<OrphanPageKey, readonly projects.OrphanRow[]>;
  readonly orphanCount: DataLoader<string, number>;
  readonly syncWindow: DataLoader<ApplicationId, SyncWindowState | null>;
  readonly detail: DataLoader<ApplicationId, details.DetailRow | null>;
  readonly declared: DataLoader<ApplicationId, details.DeclaredRow | null>;
  readonly hold: DataLoader<ApplicationId, details.HoldRow | null>;
  readonly pause: DataLoader<ApplicationId, details.PauseRow | null>;
  readonly heldByApplication: DataLoader<ApplicationId, details.HeldRow | null>;
  readonly heldBySet: DataLoader<ApplicationSetId, details.HeldRow | null>;
  readonly resources: Many<ResourcePageKey, readonly details.ResourceRow[]>;
  readonly resourceCount: Many<Omit<ResourcePageKey, 'window'>, number>;
  readonly history: Many<HistoryPageKey, readonly details.HistoryRow[]>;
  readonly historyCount: DataLoader<ApplicationId, number>;
}

/** Loaders for one request, bound to what its caller may see. */
export function createLoaders(reader: Reader, grants: Grants): Loaders {
  return {
    cluster: byId(reader, {
      statement: (ids: readonly ClusterId[]) => clusters.clustersById(grants, ids),
      idOf: (row: clusters.ClusterRow) => row.id,
      map: clusters.toCluster,
    }),
    set: byId(reader, {
      statement: (ids: readonly ApplicationSetId[]) => setsById(grants, ids),
      idOf: (row: ApplicationSetRow) => row.id,
      map: toApplicationSet,
    }),
    observedAt: byId(reader, {
      statement: clusters.observationsById,
      idOf: (row: clusters.ObservationRow) => row.id,
      map: ({ observed_at: observedAt }) => observedAt,
    }),
    clusterCounts: counts(reader, (ids) => clusters.verdictsByCluster(grants, ids)),
    setCounts: counts(reader, (ids) => verdictsBySet(grants, ids)),
    projectCounts: counts(reader, (names) => verdictsByProject(grants, names)),
    detail: byId(reader, { statement: details.detailsById, idOf: (row: details.DetailRow) => row.id, map: same }),
    declared: byId(reader, { statement: details.declaredById, idOf: (row: details.DeclaredRow) => row.id, map: same }),
    hold: byId(reader, { statement: details.holdsById, idOf: (row: details.HoldRow) => row.id, map: same }),
    pause: byId(reader, { statement: details.pausesById, idOf: (row: details.PauseRow) => row.id, map: same }),
    heldByApplication: held(reader, 'application_id'),
    heldBySet: held(reader, 'set_id'),
    ...projectLoaders(reader, grants),
    ...pageLoaders(reader),
  };
}

interface ByIdOptions<Id extends string, Row extends object, Value> {
  readonly statement: (ids: readonly Id[]) => Statement;
  readonly idOf: (row: Row) => string;
  readonly map: (row: Row) => Value;
}

/** One row, or none, for each id. */
function byId<Id extends string, Row extends object, Value>(
  reader: Reader,
  { statement, idOf, map }: ByIdOptions<Id, Row, Value>,
): DataLoader<Id, Value | null> {
  return new DataLoader<Id, Value | null>(async (ids) => {
    const found = new Map((await reader.rows<Row>(statement(ids))).map((row) => [idOf(row), map(row)]));
    return ids.map((id) => found.get(id) ?? null);
  });
}

/** Verdicts, counted, for each key; none counted where it has no row. */
function counts(
  reader: Reader,
  statement: (keys: readonly string[]) => Statement,
): DataLoader<string, ApplicationCounts> {
  return new DataLoader<string, ApplicationCounts>(async (keys) => {
    const rows = groupBy(await reader.rows<KeyedVerdictCount>(statement(keys)), (row) => row.key);
    return keys.map((key) => foldVerdicts(rows.get(key) ?? []));
  });
}

function held(reader: Reader, owner: 'application_id' | 'set_id'): DataLoader<string, details.HeldRow | null> {
  return byId(reader, {
    statement: (ids: readonly string[]) => details.heldBy(owner, ids),
    idOf: (row: details.HeldRow) => row.owner,
    map: same,
  });
}

const same = <Row>(row: Row): Row => row;

type ProjectLoaders = Pick<Loaders, 'projectSpec' | 'orphans' | 'orphanCount' | 'syncWindow'>;

/** What projects declare, what was found of their orphans, and what their windows say of Applications. */
function projectLoaders(reader: Reader, grants: Grants): ProjectLoaders {
  return {
    projectSpec: byId(reader, {
      statement: (names: readonly string[]) => projects.projectSpecs(grants, names),
      idOf: (row: projects.ProjectSpecRow) => row.name,
      map: same,
    }),
    orphans: new Many(async (names, { first }) =>
      groupBy(
        await reader.rows<projects.OrphanRow>(projects.orphansByProject(grants, names, first)),
        (row) => row.project,
      ),
    ),
    orphanCount: new DataLoader<string, number>(async (names) => {
      const found = countsById(await reader.rows<details.CountRow>(projects.orphanCounts(grants, names)));
      return names.map((name) => found.get(name) ?? 0);
    }),
    syncWindow: new DataLoader<ApplicationId, SyncWindowState | null>(async (ids) => {
      const states = windowStates(await reader.rows<projects.WindowRow>(projects.windowsByApplication(ids)));
      return ids.map((id) => states.get(id) ?? null);
    }),
  };
}

type PageLoaders = Pick<Loaders, 'resources' | 'resourceCount' | 'history' | 'historyCount'>;

/** Pages of objects and of history: Applications that ask for the same page share a statement. */
function pageLoaders(reader: Reader): PageLoaders {
  return {
    resources: new Many(async (ids, { filter, window }) =>
      groupBy(
        await reader.rows<details.ResourceRow>(details.resourcePages(ids, filter, window)),
        (row) => row.application_id,
      ),
    ),
    resourceCount: new Many(async (ids, { filter }) =>
      countsById(await reader.rows<details.CountRow>(details.resourceCounts(ids, filter))),
    ),
    history: new Many(async (ids, page) =>
      groupBy(await reader.rows<details.HistoryRow>(details.historyPages(ids, page)), (row) => row.application_id),
    ),
    historyCount: new DataLoader<ApplicationId, number>(async (ids) => {
      const byId = countsById(await reader.rows<details.CountRow>(details.historyCounts(ids)));
      return ids.map((id) => byId.get(id) ?? 0);
    }),
  };
}

function countsById(rows: readonly details.CountRow[]): Map<string, number> {
  return new Map(rows.map((row) => [row.id, row.count]));
}

function groupBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}
