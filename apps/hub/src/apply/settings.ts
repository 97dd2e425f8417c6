// A change of `argocd-cm` in; what follows from it for health marked, and what its author should know out.
import { readUserChecks } from '@wheelwright/health';
import { rejudgeKinds } from '@wheelwright/health/adapters';
import { SETTINGS_CONFIG_MAP, type GeneratorInput } from '@wheelwright/intent';
import type { PoolClient } from '@wheelwright/platform-store';

/** An input as it will be; of one that is deleted: without texts. */
interface Changed {
  readonly kind: GeneratorInput['kind'];
  readonly metadata: Pick<GeneratorInput['metadata'], 'namespace' | 'name'>;
  readonly data: GeneratorInput['data'];
}

/** Makes a change of an input; where it holds the settings, Applications whose health checks differ are judged anew, in the same transaction. */
export async function changingSettings<Result>(
  client: PoolClient,
  changed: Changed,
  change: () => Promise<Result>,
): Promise<Result> {
  if (!holdsSettings(changed)) return change();
  const { rows } = await client.query<{ data: GeneratorInput['data'] }>(
    'SELECT data FROM generator_inputs WHERE kind = $1 AND namespace = $2 AND name = $3 FOR UPDATE',
    [changed.kind, changed.metadata.namespace, changed.metadata.name],
  );
  const result = await change();
  await rejudgeKinds(client, { before: rows[0]?.data ?? {}, after: changed.data });
  return result;
}

/** Settings about health that cannot be used. */
export function warningsOfSettings(input: GeneratorInput): readonly { readonly message: string }[] {
  if (!holdsSettings(input)) return [];
  return readUserChecks(input.data).problems.map(({ key, message }) => ({
    message: `ConfigMap ${input.metadata.name}: ${key} ${message}`,
  }));
}

function holdsSettings({ kind, metadata }: Changed): boolean {
  const { kind: wantedKind, namespace, name } = SETTINGS_CONFIG_MAP;
  return kind === wantedKind && metadata.namespace === namespace && metadata.name === name;
}
