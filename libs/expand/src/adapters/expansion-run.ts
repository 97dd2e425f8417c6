// A set and somebody who gathers facts in, its complete expansion out: the core says what it lacks, the gatherer answers, a bounded number of times.
import type { ApplicationSet } from '@wheelwright/intent';
import { AppError } from '@wheelwright/kernel';
import { expand } from '../expand.js';
import type { FactRequest } from '../facts.js';
import type { Expansion } from '../types.js';
import type { Gatherer } from './gatherer.js';

/** Two for each level of nesting, one for what is registered, and one to spare. */
const MAX_ROUNDS = 6;

/** A complete expansion, or what has to be there before it can be one. */
export type RunResult =
  { readonly kind: 'complete'; readonly expansion: Expansion } | { readonly kind: 'waits'; readonly repoURL: string };

/** Expands with everything that the gatherer can find out. Throws ExpandFailed, and what makes a fact unreadable. */
export async function gatherAndExpand(set: ApplicationSet, gatherer: Gatherer): Promise<RunResult> {
  let requests: readonly FactRequest[] = [];
  for (let round = 0; round <= MAX_ROUNDS; round += 1) {
    const result = expand(set, gatherer.facts);
    if (result.kind === 'complete') return result;
    requests = result.requests;
    if (round === MAX_ROUNDS) break;
    const { waitsFor } = await gatherer.gather(requests);
    if (waitsFor !== undefined) return { kind: 'waits', repoURL: waitsFor };
  }
  const message = `the generators still ask for ${String(requests.length)} facts (${requests[0]?.kind ?? ''}) after ${String(MAX_ROUNDS)} rounds: nest them less`;
  throw new AppError('ExpandFailed', message, { faults: [{ pointer: '/spec/generators', message }] });
}
