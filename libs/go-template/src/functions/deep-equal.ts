// Two values in, whether Go's `reflect.DeepEqual` calls them equal out: the types must be the same too.
import { entriesOf } from '../format-value.js';
import { limitError, type Budget } from '../limits.js';
import { entryOf, GoInstance, GoInt, GoSlice, GoTextMap, isDict, itemsOf, typeName, type GoValue } from '../values.js';

const DEEPEST = 500;

/** Whether the values are equal down to the leaves. Each pair costs a step. */
export function deepEqual(a: GoValue, b: GoValue, budget: Budget): boolean {
  return new Comparison(budget).equal(a ?? null, b ?? null, 0);
}

class Comparison {
  readonly #budget: Budget;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  equal(a: GoValue, b: GoValue, depth: number): boolean {
    this.#budget.step();
    if (depth > DEEPEST) throw limitError(`to compare values nested deeper than ${DEEPEST}`);
    if (a === b) return true;
    if (typeName(a) !== typeName(b)) return false;
    if (a instanceof GoInt && b instanceof GoInt) return a.value === b.value;
    if (a instanceof GoInstance && b instanceof GoInstance) return a.text() === b.text();
    const items = itemsOf(a);
    const others = itemsOf(b);
    if (items === undefined || others === undefined) return this.#equalMaps(a, b, depth);
    if (isAbsent(a) !== isAbsent(b) || items.length !== others.length) return false;
    return items.every((item, index) => this.equal(item ?? null, others[index] ?? null, depth + 1));
  }

  #equalMaps(a: GoValue, b: GoValue, depth: number): boolean {
    const pairs = entriesOf(a);
    if (pairs === undefined || pairs.length !== entriesOf(b)?.length) return false;
    return pairs.every(([key, item]) => {
      const other = isDict(b) ? entryOf(b, key) : b instanceof GoTextMap ? b.entries.get(key) : undefined;
      return other !== undefined && this.equal(item ?? null, other, depth + 1);
    });
  }
}

function isAbsent(value: GoValue): boolean {
  return value instanceof GoSlice && value.absent;
}
