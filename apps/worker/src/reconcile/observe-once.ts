import type { GroupVersionKind } from '@wheelwright/kernel';
import { formatResourceKey } from '@wheelwright/kernel';
import type { Observed } from '@wheelwright/observe';
import { sweep } from '@wheelwright/observe/adapters';
import type { SpokeClient } from '@wheelwright/platform-kube';

/** Reads the managed objects of each kind from the spoke at most once, however many Applications of a chunk ask for it. */
export function observeOnce(options: {
  readonly client: SpokeClient;
  readonly installationId: string;
  readonly signal: AbortSignal;
}): (kinds: readonly GroupVersionKind[]) => Promise<ReadonlyMap<string, Observed>> {
  const { client, installationId, signal } = options;
  const lists = new Map<string, Promise<readonly Observed[]>>();
  const list = (gvk: GroupVersionKind): Promise<readonly Observed[]> => {
    const name = `${gvk.group}/${gvk.kind}`;
    const known = lists.get(name);
    if (known !== undefined) return known;
    const reading = sweep(client, [gvk], { installationId, signal }).then(({ kinds }) =>
      kinds.flatMap(({ items }) => items),
    );
    lists.set(name, reading);
    return reading;
  };
  return async (kinds) => {
    const items = await Promise.all(kinds.map(list));
    return new Map(items.flat().map((item) => [formatResourceKey(item.key), item]));
  };
}
