// A label selector in, the terms under which an index keeps it out; labels in, the terms to look it up by out.
import type { LabelSelector } from './kubernetes.js';

/** The term of a selector that no label is required by: it must be looked at whatever the labels are. */
export const ANY_TERM = '';

/**
 * The terms of which labels must have at least one for the selector to match: the pair that reads as the most selective of `matchLabels`, or else one
 * pair for each value of an `In`, or else the key of an `Exists`; {@link ANY_TERM} where nothing is required, and none at all where nothing can match.
 * Looking up by terms finds too many rather than too few: the selector itself decides.
 */
export function selectorTerms(selector: LabelSelector): readonly string[] {
  const pairs = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => pairTerm(key, value));
  const lists: string[][] = [];
  const keys: string[] = [];
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    if (operator === 'In') lists.push([...new Set(values)].sort().map((value) => pairTerm(key, value)));
    if (operator === 'Exists') keys.push(key);
  }
  // A long pair is rarer than a short one: `team=payments` and not `env=prod`.
  const [pair] = pairs.sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  const [list] = lists.sort((a, b) => a.length - b.length);
  if (list !== undefined && (list.length === 0 || pair === undefined)) return list;
  if (pair !== undefined) return [pair];
  return [keys.sort()[0] ?? ANY_TERM];
}

/** Every term that labels have, {@link ANY_TERM} included. */
export function labelTerms(labels: Readonly<Record<string, string>>): readonly string[] {
  return [ANY_TERM, ...Object.entries(labels).flatMap(([key, value]) => [key, pairTerm(key, value)])];
}

/** Keys of labels hold no `=`. */
function pairTerm(key: string, value: string): string {
  return `${key}=${value}`;
}
