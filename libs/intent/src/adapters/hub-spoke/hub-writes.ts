// A rendered object of the catalogue in, its row written (or what it would be) out: the writes of an ordinary apply, under the lease of the hub.
import {
  AppError,
  MANAGED_BY_LABEL,
  TRACKING_ANNOTATION,
  type ClusterId,
  type Fault,
  type JsonObject,
  type KubeObject,
} from '@wheelwright/kernel';
import type { PoolClient } from 'pg';
import { readObject } from '../../parse-object.js';
import { CONTROL_NAMESPACE } from '../../schema-metadata.js';
import type { CatalogueObject } from '../../types.js';
import { applyObjects } from '../apply-objects.js';
import { deleteApplication, deleteApplicationSet, type SetDeletionOptions } from '../delete-objects.js';
import { deleteProject } from '../delete-project.js';
import type { HubKind } from './hub-kinds.js';
import { readHubObject } from './hub-objects.js';

/** The row of an object as far as a write must know it. */
interface Standing {
  readonly id: string;
  readonly namespace: string;
  readonly managed_by: string | null;
  readonly tracking: string | null;
  readonly set_name: string | null;
  readonly deleting: boolean;
}

const MARKS = `t.id, t.namespace, t.labels ->> '${MANAGED_BY_LABEL}' AS managed_by, t.annotations ->> '${TRACKING_ANNOTATION}' AS tracking`;

const STANDING: Readonly<Record<HubKind, string>> = {
  Application: `SELECT ${MARKS}, s.name AS set_name, t.deletion_requested_at IS NOT NULL AS deleting
    FROM applications t LEFT JOIN application_sets s ON s.id = t.set_id WHERE t.name = $1 FOR UPDATE OF t`,
  ApplicationSet: `SELECT ${MARKS}, NULL AS set_name, false AS deleting
    FROM application_sets t WHERE t.name = $1 FOR UPDATE OF t`,
  AppProject: `SELECT ${MARKS}, NULL AS set_name, false AS deleting
    FROM projects t WHERE t.name = $1 FOR UPDATE OF t`,
};

/** Throws `LeaseLost` unless the lease of the hub has this generation and time left; whoever would take it over waits for the transaction. */
export async function fence(client: PoolClient, clusterId: ClusterId, generation: string): Promise<void> {
  const { rowCount } = await client.query(
    `SELECT 1 FROM cluster_leases WHERE cluster_id = $1 AND generation = $2 AND expires_at > now() FOR SHARE`,
    [clusterId, generation],
  );
  if (rowCount === 1) return;
  throw new AppError('LeaseLost', `the lease of the hub (generation ${generation}) is over: nothing was written`);
}

/**
 * Applies one object in the caller's transaction and answers it as it is then. Without `force`, an object that is there and carries other marks is a
 * `SpokeConflict`; so is, always, an Application of a set, one that is being deleted, and a name that is taken in another namespace.
 */
export async function applyToHub(
  client: PoolClient,
  object: KubeObject,
  { force }: { readonly force: boolean },
): Promise<KubeObject> {
  const declared = declaredOf(object);
  const { name, namespace } = declared.object.metadata;
  if (declared.kind !== 'Application' && namespace !== CONTROL_NAMESPACE) {
    throw rejected(
      `it is in the namespace ${namespace}, where the hub reads no ${declared.kind}: give it metadata.namespace ${CONTROL_NAMESPACE}`,
    );
  }
  const standing = await standingOf(client, declared.kind, name);
  if (standing !== undefined) refuseTaken(declared, standing, force ? 'anybody' : object.metadata);
  await applyObjects(client, [declared], { dryRun: false });
  const stored = await readHubObject(client, declared.kind, { name, namespace });
  if (stored === undefined) throw new Error(`${declared.kind} ${name} is not there after it was applied`);
  return stored;
}

function declaredOf(object: KubeObject): CatalogueObject {
  const { object: declared, faults } = readObject(object);
  if (declared !== undefined) return declared;
  const [first] = faults;
  const more = faults.length > 1 ? ` (and ${String(faults.length - 1)} more)` : '';
  throw rejected(`${first?.pointer ?? ''} ${first?.message ?? 'it is not valid'}${more}`, faults);
}

function refuseTaken(
  { kind, object }: CatalogueObject,
  standing: Standing,
  /** Whose it may be: that of these marks, or anybody's. */
  owner: 'anybody' | KubeObject['metadata'],
): void {
  const { name, namespace } = object.metadata;
  const what = `${kind} ${name}`;
  if (standing.set_name !== null)
    throw conflict(`${what} belongs to the ApplicationSet ${standing.set_name}: rename it, or change the set`);
  if (standing.deleting) throw conflict(`${what} is still being deleted`);
  if (standing.namespace !== namespace)
    throw conflict(`${what} is there in the namespace ${standing.namespace}: a name is taken once for all namespaces`);
  if (owner === 'anybody') return;
  const isOurs = standing.managed_by !== null && standing.managed_by === owner.labels?.[MANAGED_BY_LABEL];
  if (!isOurs || standing.tracking !== (owner.annotations?.[TRACKING_ANNOTATION] ?? null))
    throw conflict(`${what} is there, and was made by somebody else`);
}

/** What an object is to be deleted for. */
export interface HubDeletion {
  readonly kind: HubKind;
  readonly namespace: string;
  readonly name: string;
  /** It must still be this one. */
  readonly uid: string;
  /** What becomes of the Applications of a set. */
  readonly set: Pick<SetDeletionOptions, 'applications'>;
}

/** Deletes one object in the caller's transaction. An Application goes as its finalizers say, and may take its time: `deleting`. */
export async function deleteFromHub(
  client: PoolClient,
  { kind, namespace, name, uid, set }: HubDeletion,
): Promise<'deleted' | 'deleting' | 'gone'> {
  const standing = await standingOf(client, kind, name);
  if (standing === undefined || standing.id !== uid || standing.namespace !== namespace) return 'gone';
  switch (kind) {
    case 'Application':
      return removeApplication(client, name);
    case 'ApplicationSet':
      await deleteApplicationSet(client, name, set);
      return 'deleted';
    case 'AppProject':
      await deleteProject(client, name);
      return 'deleted';
  }
}

/** One that a set claims, and whose objects stay, is handed over instead: it is the set's from then on, so our marks go. */
async function removeApplication(client: PoolClient, name: string): Promise<'deleted' | 'deleting' | 'gone'> {
  const result = await deleteApplication(client, name, {});
  switch (result) {
    case 'deleted':
      return 'deleted';
    case 'requested':
      return 'deleting';
    case 'handedOver':
      await client.query(
        `UPDATE applications SET labels = labels - $2, annotations = annotations - $3 WHERE name = $1`,
        [name, MANAGED_BY_LABEL, TRACKING_ANNOTATION],
      );
      return 'gone';
  }
}

async function standingOf(client: PoolClient, kind: HubKind, name: string): Promise<Standing | undefined> {
  const { rows } = await client.query<Standing>(STANDING[kind], [name]);
  return rows[0];
}

/** The hub refuses the object: no retry helps until somebody changes it. */
export function rejected(message: string, faults: readonly Fault[] = []): AppError {
  return new AppError('SpokeRejected', `The hub refuses it: ${message}`, {
    details: { status: 422, reason: 'Invalid' },
    faults,
  });
}

function conflict(message: string): AppError {
  return new AppError('SpokeConflict', message, { details: { status: 409, reason: 'Conflict' } });
}

/** The catalogue's own refusals as those of a spoke; everything else (the database, a lost lease) as it is. */
export function asSpokeError(error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  const details: JsonObject = { ...error.details, reason: error.code };
  switch (error.code) {
    case 'Conflict':
      return new AppError('SpokeConflict', error.message, { details: { ...details, status: 409 }, cause: error });
    case 'StillInUse':
    case 'InvalidDocument':
    case 'InvalidRequest':
    case 'UnsupportedKind':
    case 'PolicyDenied':
    case 'Forbidden':
    case 'DeletionHeld': {
      const places = error.faults.map(({ pointer }) => pointer).filter((pointer) => pointer !== '');
      const where = places.length === 0 ? '' : `${places.join(', ')}: `;
      return new AppError('SpokeRejected', `The hub refuses it: ${where}${error.message}`, {
        details: { ...details, status: 422 },
        faults: error.faults,
        cause: error,
      });
    }
    default:
      return error;
  }
}
