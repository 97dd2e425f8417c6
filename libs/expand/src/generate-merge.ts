// The merge generator: two or more children in, the sets of the first overridden by those of the others with equal merge keys out.
import type { MergeGenerator } from '@wheelwright/intent';
import { canonicalJson, type JsonObject } from '@wheelwright/kernel';
import { unionOf } from './generate-matrix.js';
import type { ProduceChild } from './generate.js';
import { mergeOver } from './go-json.js';
import { failedAt, type GeneratorContext, type Params, type Produced } from './params.js';

/** What a merge generator gets besides its place. */
export interface MergeContext extends GeneratorContext {
  readonly produce: ProduceChild;
}

/**
 * The sets of the first generator, in its order. Those of the later generators that have the same values of all merge keys go over them, the last
 * one on top; the others are dropped. A missing key compares as null; names with dots are looked up as they stand. Throws ExpandFailed where
 * a generator gives two sets with the same merge keys.
 */
export function generateMerge(merge: MergeGenerator, context: MergeContext): Produced {
  if (merge.generators.length < 2) {
    throw failedAt(context.pointer, 'found less than two generators, Merge requires two or more');
  }
  if (merge.mergeKeys.length === 0) {
    throw failedAt(`${context.pointer}/mergeKeys`, 'no merge keys were specified, Merge requires at least one');
  }
  const produced = merge.generators.map((child, index) =>
    context.produce(child, `${context.pointer}/generators/${String(index)}`),
  );
  const [base = new Map<string, Params>(), ...overrides] = produced.map(({ sets }, index) =>
    byMergeKeys(sets, merge.mergeKeys, `${context.pointer}/generators/${String(index)}`),
  );
  const sets = [...base].map(([key, params]) =>
    overrides.reduce((merged, override) => {
      const over = override.get(key);
      if (over === undefined) return merged;
      return context.mode === 'go' ? mergeOver(merged, over) : { ...merged, ...over };
    }, params),
  );
  return {
    sets,
    issues: produced.flatMap(({ issues }) => issues),
    vocabulary: unionOf(
      'a merge generator',
      produced.map(({ vocabulary }) => vocabulary),
    ),
  };
}

function byMergeKeys(sets: readonly Params[], keys: readonly string[], pointer: string): ReadonlyMap<string, Params> {
  const found = new Map<string, Params>();
  for (const params of sets) {
    const values: JsonObject = Object.fromEntries(
      keys.map((key) => [key, (Object.hasOwn(params, key) ? params[key] : undefined) ?? null]),
    );
    const key = canonicalJson(values);
    if (found.has(key)) {
      const message = `the parameters from a generator were not unique by the given mergeKeys, Merge requires all param sets to be unique. Duplicate key was ${key}`;
      throw failedAt(pointer, message);
    }
    found.set(key, params);
  }
  return found;
}
