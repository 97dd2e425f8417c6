// For specs: sets on a real database, and what their expansions would write.
import { ApplicationSetId } from '@wheelwright/kernel';
import type { PoolClient, Store } from '@wheelwright/platform-store';
import type { Application, ApplicationSet } from '../../types.js';
import { applyObjects } from '../apply-objects.js';
import { replaceSetApplications, type SetChange, type SetChangeResult } from '../replace-set-applications.js';
import { sampleSet } from './samples.js';

/** A set by name, and what is said of its change beyond its Applications. */
export type ChangeOptions = Partial<Omit<SetChange, 'setId' | 'applications'>>;

/** Declares a set; answers its id. It is new: nobody expanded it yet. */
export async function declareSet(store: Store, set: ApplicationSet | string): Promise<ApplicationSetId> {
  const object = typeof set === 'string' ? sampleSet(set) : set;
  await store.tx((client) => applyObjects(client, [{ kind: 'ApplicationSet', object }], { dryRun: false }));
  const { rows } = await store.pool.query<{ id: string }>('SELECT id FROM application_sets WHERE name = $1', [
    object.metadata.name,
  ]);
  return ApplicationSetId(rows[0]?.id ?? '');
}

/** Says of all sets that they were expanded completely. */
export async function settleSets(store: Store): Promise<void> {
  await store.pool.query(
    `UPDATE application_set_status t SET observed_generation = s.generation, input_digest = 'digest' FROM application_sets s WHERE s.id = t.set_id`,
  );
}

/** Makes an expansion the truth, under the lock of the set as its expander holds it. */
export function replaceIn(
  client: PoolClient,
  setId: ApplicationSetId,
  { applications, ...options }: ChangeOptions & Pick<SetChange, 'applications'>,
): Promise<SetChangeResult> {
  const generatedNames = applications.map(({ metadata }) => metadata.name);
  const preserved = { annotations: [], labels: [] };
  return client
    .query('SELECT 1 FROM application_sets WHERE id = $1 FOR UPDATE', [setId])
    .then(() =>
      replaceSetApplications(client, { setId, applications, generatedNames, policy: 'sync', preserved, ...options }),
    );
}

/** The same in a transaction of its own. */
export function replaceFor(
  store: Store,
  setId: ApplicationSetId,
  applications: readonly Application[],
  options: ChangeOptions = {},
): Promise<SetChangeResult> {
  return store.tx((client) => replaceIn(client, setId, { applications, ...options }));
}
