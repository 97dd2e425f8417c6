// Rows of the catalogue in, the same as live Kubernetes objects out: what a plan compares with and what health is judged by.
import {
  apiVersionOf,
  canonicalJson,
  digestText,
  MANAGED_BY_LABEL,
  type JsonObject,
  type JsonValue,
  type KubeObject,
  type LabelSelector,
} from '@wheelwright/kernel';
import type { ListedMeta } from '@wheelwright/platform-kube';
import type { ClientBase, Pool } from 'pg';
import { CATALOGUE_GROUP, CATALOGUE_VERSION } from '../../parse-object.js';
import type { HubKind } from './hub-kinds.js';

/** The pool, or a client inside of a transaction. */
export type Queryable = Pick<Pool | ClientBase, 'query'>;

/** A row of any of the three tables as its statement answers it. */
interface MetaRow {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly finalizers: readonly string[];
  /** Decimal text; null where the kind does not count its changes. */
  readonly generation: string | null;
  /** Moves with every change of a declaration that has no generation. */
  readonly digest: string;
  readonly created_at: Date;
  readonly deletion_requested_at: Date | null;
  /** Everything of the status that health is judged by. */
  readonly verdict: JsonValue;
}

interface FullRow extends MetaRow {
  readonly spec: JsonObject;
  readonly status: JsonObject | null;
}

/**
 * An Application that was declared or changed, and that no worker has looked at since: what its verdict says is about what it was before, so
 * waves do not go on because of it.
 */
const WAITING = `EXISTS (SELECT 1 FROM application_due u WHERE u.application_id = t.id AND u.reason IN ('declared', 'changed', 'pending'))`;

/** `$1` is free; the table is `t`. Columns of {@link MetaRow}, and `status`, which only a full read needs. */
const SOURCES: Readonly<Record<HubKind, { readonly meta: string; readonly from: string; readonly status: string }>> = {
  Application: {
    meta: `t.finalizers, t.generation::text AS generation, t.digest, t.deletion_requested_at,
      jsonb_build_array(s.sync, s.health, ${WAITING}) AS verdict`,
    from: `applications t LEFT JOIN application_status s ON s.application_id = t.id`,
    status: `(SELECT jsonb_build_object(
        'sync', jsonb_build_object('status', s.sync, 'revision', s.revision),
        'health', CASE WHEN ${WAITING} THEN jsonb_build_object('status', 'Progressing', 'message', 'it changed, and was not looked at since')
          ELSE jsonb_build_object('status', s.health, 'message', d.health_message) END,
        'conditions', d.conditions)
      FROM application_details d WHERE d.application_id = t.id)`,
  },
  ApplicationSet: {
    meta: `t.finalizers, t.generation::text AS generation, t.digest, NULL::timestamptz AS deletion_requested_at,
      jsonb_build_array(s.conditions, s.observed_generation) AS verdict`,
    from: `application_sets t LEFT JOIN application_set_status s ON s.set_id = t.id`,
    status: `jsonb_build_object('conditions', coalesce(s.conditions, '[]'), 'observedGeneration', coalesce(s.observed_generation, 0),
      'resourcesCount', (SELECT count(*) FROM applications a WHERE a.set_id = t.id))`,
  },
  AppProject: {
    meta: `'{}'::text[] AS finalizers, NULL AS generation, t.digest, NULL::timestamptz AS deletion_requested_at, 'null'::jsonb AS verdict`,
    from: `projects t`,
    status: `NULL::jsonb`,
  },
};

const COLUMNS = `t.id, t.name, t.namespace, t.labels, t.annotations, t.created_at`;

/** One object in full; `undefined` where there is none of that name in that namespace. */
export async function readHubObject(
  db: Queryable,
  kind: HubKind,
  ref: { readonly namespace: string; readonly name: string },
): Promise<KubeObject | undefined> {
  const { meta, from, status } = SOURCES[kind];
  const { rows } = await db.query<FullRow>(
    `SELECT ${COLUMNS}, ${meta}, t.spec, ${status} AS status FROM ${from} WHERE t.name = $1 AND t.namespace = $2`,
    [ref.name, ref.namespace],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  return {
    apiVersion: apiVersionOf({ group: CATALOGUE_GROUP, version: CATALOGUE_VERSION }),
    kind,
    metadata: metaOf(row),
    spec: row.spec,
    ...(row.status === null ? {} : { status: row.status }),
  };
}

/** Metadata of all objects of a kind, by name; with `managedBy`, of those that carry our label with this value: an index answers that. */
export async function listHubObjects(
  db: Queryable,
  kind: HubKind,
  { managedBy, namespace }: { readonly managedBy: string | undefined; readonly namespace: string | undefined },
): Promise<readonly ListedMeta[]> {
  const { meta, from } = SOURCES[kind];
  const { rows } = await db.query<MetaRow>(
    `SELECT ${COLUMNS}, ${meta} FROM ${from}
     WHERE ${managedBy === undefined ? '$1::text IS NULL' : `t.labels ->> '${MANAGED_BY_LABEL}' = $1`} AND ($2::text IS NULL OR t.namespace = $2)
     ORDER BY t.name`,
    [managedBy ?? null, namespace ?? null],
  );
  return rows.map(metaOf);
}

/** The value that a selector asks of our own label, where it asks for exactly one. */
export function managedByOf({ matchExpressions = [] }: LabelSelector): string | undefined {
  const asked = matchExpressions.find(
    ({ key, operator, values = [] }) => key === MANAGED_BY_LABEL && operator === 'In' && values.length === 1,
  );
  return asked?.values?.[0];
}

function metaOf(row: MetaRow): ListedMeta {
  const { finalizers, generation, deletion_requested_at: deletion } = row;
  return {
    name: row.name,
    namespace: row.namespace,
    uid: row.id,
    resourceVersion: versionOf(row),
    ...(generation === null ? {} : { generation: Number(generation) }),
    creationTimestamp: row.created_at.toISOString(),
    ...(deletion === null ? {} : { deletionTimestamp: deletion.toISOString() }),
    labels: row.labels,
    annotations: row.annotations,
    ...(finalizers.length === 0 ? {} : { finalizers }),
  };
}

/** Moves with the declaration, with a requested deletion, and with the verdict: then the health of a child is judged again. */
function versionOf({ generation, digest, deletion_requested_at: deletion, verdict }: MetaRow): string {
  const state = canonicalJson([digest, deletion?.toISOString() ?? '', verdict]);
  return `${generation ?? '0'}-${digestText(state).slice(0, 16)}`;
}
