// The `selector` of a generator: parameters in, those that it selects out.
import { isEmptySelector, matchesSelector, type LabelSelector } from '@wheelwright/kernel';
import { flattenToTexts } from './go-json.js';
import { warning, type Produced } from './params.js';

/** Keeps the sets whose parameters, flattened with dots and printed as text, the selector matches. Values may be any text, URLs too. */
export function filterParams(produced: Produced, selector: LabelSelector | undefined, pointer: string): Produced {
  if (selector === undefined || isEmptySelector(selector)) return produced;
  const sets = produced.sets.filter((params) => matchesSelector(selector, flattenToTexts(params)));
  if (sets.length > 0 || produced.sets.length === 0) return { ...produced, sets };
  const message = `the selector matches none of the ${String(produced.sets.length)} parameter sets of ${produced.vocabulary.generator}`;
  return { ...produced, sets, issues: [...produced.issues, warning('SelectorMatchesNothing', pointer, message)] };
}
