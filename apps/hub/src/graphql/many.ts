// Batches calls that share their arguments and differ in the id: the pages of objects of fifty Applications are one statement.
import DataLoader from 'dataloader';
import { canonicalJson, type JsonValue } from '@wheelwright/kernel';

/** Loads for keys that are an id and arguments; the arguments must be plain JSON. */
export class Many<Key extends { readonly id: string }, Value> {
  readonly #loader: DataLoader<Key, Value | undefined, string>;

  /** `load` answers the values by id for keys that all have the arguments of the one it is given. */
  constructor(load: (ids: readonly string[], key: Key) => Promise<ReadonlyMap<string, Value>>) {
    this.#loader = new DataLoader<Key, Value | undefined, string>(
      async (keys) => {
        const groups = new Map<string, Key[]>();
        for (const key of keys) groups.set(argumentsOf(key), [...(groups.get(argumentsOf(key)) ?? []), key]);
        const loaded = new Map<string, ReadonlyMap<string, Value>>();
        for (const [group, [first, ...rest]] of groups) {
          if (first !== undefined) loaded.set(group, await load([first.id, ...rest.map(({ id }) => id)], first));
        }
        return keys.map((key) => loaded.get(argumentsOf(key))?.get(key.id));
      },
      { cacheKeyFn: (key) => `${key.id} ${argumentsOf(key)}` },
    );
  }

  /** The value, or `undefined` where there is none for this id. */
  load(key: Key): Promise<Value | undefined> {
    return this.#loader.load(key);
  }
}

function argumentsOf({ id: _id, ...rest }: { readonly id: string; readonly [key: string]: unknown }): string {
  return canonicalJson(JSON.parse(JSON.stringify(rest)) as JsonValue);
}
