// A change of `argocd-cm` in; what follows from it for health and comparing marked, and what its author should know out.
import { readUserChecks } from '@wheelwright/health';
import { rejudgeKinds } from '@wheelwright/health/adapters';
import { SETTINGS_CONFIG_MAP, type GeneratorInput } from '@wheelwright/intent';
import { readCompareSettings } from '@wheelwright/plan';
import { recompareKinds } from '@wheelwright/plan/adapters';
import type { PoolClient } from '@wheelwright/platform-store';

/** An input as it will be; of one that is deleted: without texts. */
interface Changed {
  readonly kind: GeneratorInput['kind'];
  readonly metadata: Pick<GeneratorInput['metadata'], 'namespace' | 'name'>;
  readonly data: GeneratorInput['data'];
}

/** Makes a change of an input; where it holds the settings, Applications whose health checks or comparisons differ are looked at anew, in the same transaction. */
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
  const settings = { before: rows[0]?.data ?? {}, after: changed.data };
  await rejudgeKinds(client, settings);
  await recompareKinds(client, settings);
  return result;
}

/** Settings that cannot be used. */
export function warningsOfSettings(input: GeneratorInput): readonly { readonly message: string }[] {
  if (!holdsSettings(input)) return [];
  const health = readUserChecks(input.data).problems.map(({ key, message }) => ({
    message: `ConfigMap ${input.metadata.name}: ${key} ${message}`,
  }));
  return [...health, ...readCompareSettings(input.data).warnings.map(({ message }) => ({ message }))];
}

function holdsSettings({ kind, metadata }: Changed): boolean {
  const { kind: wantedKind, namespace, name } = SETTINGS_CONFIG_MAP;
  return kind === wantedKind && metadata.namespace === namespace && metadata.name === name;
}
