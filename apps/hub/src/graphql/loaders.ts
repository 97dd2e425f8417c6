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
  type SetVerdictRow,
} from './queries/application-sets.queries.js';
import {
  clustersById,
  toCluster,
  verdictsByCluster,
  type ClusterRow,
  type ClusterVerdictRow,
} from './queries/clusters.queries.js';
import { verdictsByProject, type ProjectVerdictRow } from './queries/projects.queries.js';
import type { ResourceFilter } from './types/application-parts.js';
import type { ApplicationSetNode } from './types/application-set.type.js';
import type { ClusterNode } from './types/cluster.type.js';
import { foldVerdicts, type ApplicationCounts, type VerdictCount } from './types/counts.js';

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

/** Everything that a field resolver may ask for. */
export interface Loaders {
  readonly cluster: DataLoader<ClusterId, ClusterNode | null>;
  readonly clusterCounts: DataLoader<ClusterId, ApplicationCounts>;
  readonly set: DataLoader<ApplicationSetId, ApplicationSetNode | null>;
  readonly setCounts: DataLoader<ApplicationSetId, ApplicationCounts>;
  readonly projectCounts: DataLoader<string, ApplicationCounts>;
  readonly detail: DataLoader<ApplicationId, details.DetailRow | null>;
  readonly declared: DataLoader<ApplicationId, details.DeclaredRow | null>;
  readonly heldByApplication: DataLoader<ApplicationId, details.HeldRow | null>;
  readonly heldBySet: DataLoader<ApplicationSetId, details.HeldRow | null>;
  readonly resources: Many<ResourcePageKey, readonly details.ResourceRow[]>;
  readonly resourceCount: Many<Omit<ResourcePageKey, 'window'>, number>;
  readonly history: Many<HistoryPageKey, readonly details.HistoryRow[]>;
  readonly historyCount: DataLoader<ApplicationId, number>;
}

/** Loaders for one request, bound to what its caller may see. */
export function createLoaders(reader: Reader, grants: Grants): Loaders {
  const one = <Id extends string, Row extends object, Value>(
    statement: (ids: readonly Id[]) => Statement,
    idOf: (row: Row) => string,
    map: (row: Row) => Value,
  ): DataLoader<Id, Value | null> =>
    new DataLoader<Id, Value | null>(async (ids) => {
      const byId = new Map((await reader.rows<Row>(statement(ids))).map((row) => [idOf(row), map(row)]));
      return ids.map((id) => byId.get(id) ?? null);
    });
  const counts = <Id extends string, Row extends VerdictCount & { readonly key: string }>(
    statement: (ids: readonly Id[]) => Statement,
  ): DataLoader<Id, ApplicationCounts> =>
    new DataLoader<Id, ApplicationCounts>(async (ids) => {
      const rows = groupBy(await reader.rows<Row>(statement(ids)), (row) => row.key);
      return ids.map((id) => foldVerdicts(rows.get(id) ?? []));
    });
  const same = <Row>(row: Row): Row => row;
  return {
    cluster: one<ClusterId, ClusterRow, ClusterNode>(
      (ids) => clustersById(grants, ids),
      (row) => row.id,
      toCluster,
    ),
    clusterCounts: counts<ClusterId, ClusterVerdictRow>((ids) => verdictsByCluster(grants, ids)),
    set: one<ApplicationSetId, ApplicationSetRow, ApplicationSetNode>(
      (ids) => setsById(grants, ids),
      (row) => row.id,
      toApplicationSet,
    ),
    setCounts: counts<ApplicationSetId, SetVerdictRow>((ids) => verdictsBySet(grants, ids)),
    projectCounts: counts<string, ProjectVerdictRow>((names) => verdictsByProject(grants, names)),
    detail: one<ApplicationId, details.DetailRow, details.DetailRow>(details.detailsById, (row) => row.id, same),
    declared: one<ApplicationId, details.DeclaredRow, details.DeclaredRow>(details.declaredById, (row) => row.id, same),
    heldByApplication: one<ApplicationId, details.HeldRow, details.HeldRow>(
      (ids) => details.heldBy('application_id', ids),
      (row) => row.owner,
      same,
    ),
    heldBySet: one<ApplicationSetId, details.HeldRow, details.HeldRow>(
      (ids) => details.heldBy('set_id', ids),
      (row) => row.owner,
      same,
    ),
    ...pageLoaders(reader),
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
