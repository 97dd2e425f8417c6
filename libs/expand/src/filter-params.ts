// The `selector` of a generator: parameters in, those that it selects out.
import {
  isEmptySelector,
  isJsonObject,
  matchesSelector,
  type JsonValue,
  type LabelSelector,
} from '@wheelwright/kernel';
import { formatGoValue } from './go-value.js';
import { warning, type Params, type Produced } from './params.js';

/** Keeps the sets whose parameters, flattened with dots and printed as text, the selector matches. Values may be any text, URLs too. */
export function filterParams(produced: Produced, selector: LabelSelector | undefined, pointer: string): Produced {
  if (selector === undefined || isEmptySelector(selector)) return produced;
  const sets = produced.sets.filter((params) => matchesSelector(selector, flatten(params)));
  if (sets.length > 0 || produced.sets.length === 0) return { ...produced, sets };
  const message = `the selector matches none of the ${String(produced.sets.length)} parameter sets of ${produced.vocabulary.generator}`;
  return { ...produced, sets, issues: [...produced.issues, warning('SelectorMatchesNothing', pointer, message)] };
}

function flatten(params: Params): Readonly<Record<string, string>> {
  const out: (readonly [string, string])[] = [];
  for (const [key, value] of params) flattenInto(out, key, value);
  return Object.fromEntries(out);
}

function flattenInto(out: (readonly [string, string])[], key: string, value: JsonValue): void {
  const members = isJsonObject(value) ? Object.entries(value) : Array.isArray(value) ? [...value.entries()] : [];
  if (members.length === 0) out.push([key, formatGoValue(value)]);
  for (const [name, member] of members) flattenInto(out, `${key}.${String(name)}`, (member ?? null) as JsonValue);
}
