// Ids and names in, declared objects as typed values out.
import type { ApplicationId, ApplicationSetId } from '@wheelwright/kernel';
import type { ClientBase, Pool } from 'pg';
import type {
  Application,
  ApplicationSet,
  ApplicationSetSpec,
  ApplicationSpec,
  AppProject,
  AppProjectSpec,
  IntentMeta,
} from '../types.js';

/** The pool, or a client inside of a transaction. */
export type Queryable = Pick<Pool | ClientBase, 'query'>;

/** The project that exists without being declared: it permits everything, as in a fresh Argo CD. */
export const DEFAULT_PROJECT: AppProject = {
  metadata: { name: 'default', namespace: 'argocd', labels: {}, annotations: {}, finalizers: [] },
  spec: {
    sourceRepos: ['*'],
    destinations: [{ server: '*', namespace: '*' }],
    clusterResourceWhitelist: [{ group: '*', kind: '*' }],
  },
};

interface Row<Spec> {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly finalizers: string[];
  readonly spec: Spec;
}

const COLUMNS = 'name, namespace, labels, annotations, finalizers, spec';

/** One Application; `undefined` where it is gone. */
export async function loadApplication(db: Queryable, id: ApplicationId): Promise<Application | undefined> {
  const { rows } = await db.query<Row<ApplicationSpec>>(`SELECT ${COLUMNS} FROM applications WHERE id = $1`, [id]);
  return rows[0] === undefined ? undefined : toObject(rows[0]);
}

/** One set; `undefined` where it is gone. */
export async function loadSet(db: Queryable, id: ApplicationSetId): Promise<ApplicationSet | undefined> {
  const { rows } = await db.query<Row<ApplicationSetSpec>>(`SELECT ${COLUMNS} FROM application_sets WHERE id = $1`, [
    id,
  ]);
  return rows[0] === undefined ? undefined : toObject(rows[0]);
}

/** One project; `default` exists even where nobody declared it. */
export async function loadProject(db: Queryable, name: string): Promise<AppProject | undefined> {
  const { rows } = await db.query<Row<AppProjectSpec>>(
    `SELECT name, namespace, labels, annotations, '{}'::text[] AS finalizers, spec FROM projects WHERE name = $1`,
    [name],
  );
  if (rows[0] !== undefined) return toObject(rows[0]);
  return name === DEFAULT_PROJECT.metadata.name ? DEFAULT_PROJECT : undefined;
}

function toObject<Spec>({ spec, ...metadata }: Row<Spec>): { readonly metadata: IntentMeta; readonly spec: Spec } {
  return { metadata, spec };
}
