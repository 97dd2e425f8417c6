// A changed ConfigMap or Secret in, the sets whose generators read it out.
import type { PoolClient } from 'pg';
import { inputSubject } from '../input-refs.js';
import type { GeneratorInput } from '../types.js';

interface InputKey {
  readonly kind: GeneratorInput['kind'];
  readonly namespace: string;
  readonly name: string;
}

/** The Secret that `$key` without a name means, as in Argo CD. */
const DEFAULT_SECRET = 'argocd-secret';

/**
 * Ids of the sets, sorted, by the index on dependency rows. A set names the ConfigMap of a plugin, and that names the Secret with the token: a
 * change of the Secret concerns the sets of those ConfigMaps.
 */
export async function dependentSets(client: PoolClient, key: InputKey): Promise<readonly string[]> {
  const naming = key.kind === 'Secret' ? await configMapsNaming(client, key) : [];
  const inputs = [key, ...naming.map((name) => ({ ...key, kind: 'ConfigMap' as const, name }))];
  // Where a generator fills the name in, the row names none: any input of that kind concerns the set.
  const subjects = inputs.flatMap((input) => [
    inputSubject(input, input.namespace),
    inputSubject({ ...input, name: '' }, input.namespace),
  ]);
  const { rows } = await client.query<{ id: string }>(
    `SELECT DISTINCT set_id AS id FROM set_dependencies WHERE kind = 'input' AND subject = ANY ($1) ORDER BY set_id`,
    [[...new Set(subjects)]],
  );
  return rows.map(({ id }) => id);
}

/** ConfigMaps whose `token` is a key of the Secret: `$name:key`, or `$key` for the default one. */
async function configMapsNaming(client: PoolClient, { namespace, name }: InputKey): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT name FROM generator_inputs WHERE kind = 'ConfigMap' AND namespace = $1
       AND (split_part(data->>'token', ':', 1) = '$' || $2::text AND data->>'token' LIKE '%:%'
            OR $2::text = $3::text AND data->>'token' LIKE '$%' AND data->>'token' NOT LIKE '%:%')`,
    [namespace, name, DEFAULT_SECRET],
  );
  return rows.map((row) => row.name);
}
