// The inventory and the spoke's answers in; which objects would be deleted, in which wave, and which leave the inventory by themselves out.
import { AppError, formatResourceKey, isJsonObject, type KubeObject } from '@wheelwright/kernel';
import { objectSyncOptions, propagationOf } from './options.js';
import { ignoresExtraneous } from './settings.js';
import { compareOrder, reversedWaves, waveOf } from './order.js';
import { belongsTo, trackingIdOf } from './ownership.js';
import type { Answer, KnownObject, Plan, PlanEntry, PlanInput, Removal, SyncOptions } from './types.js';

/** Reason of a prune that is skipped because the deletion was accepted before, and waits for finalizers. */
export const BEING_DELETED = 'it is being deleted already';

export interface Prunes {
  /** In the order in which they are carried out within their waves: kinds in reverse. */
  readonly entries: readonly PlanEntry[];
  readonly released: Plan['released'];
}

interface Candidate {
  readonly entry: PlanEntry;
  readonly pruneLast: boolean;
}

/**
 * Everything that is in the inventory and not desired. An object is deleted only if it says itself that it belongs to this Application, by its
 * uid, and nothing forbids it; what is gone, or somebody else's, is released.
 */
export function prunesOf(input: PlanInput, answers: ReadonlyMap<string, Answer>): Prunes {
  const desired = new Set(input.targets.map(({ key }) => formatResourceKey(key)));
  const candidates: Candidate[] = [];
  const released: Plan['released'][number][] = [];
  for (const known of input.known) {
    const text = formatResourceKey(known.key);
    if (desired.has(text)) continue;
    const answer = answers.get(text);
    if (answer === undefined)
      throw new AppError('PlanFailed', `${text} was to be read on the spoke before it is pruned, and was not`);
    const verdict = judge(known, answer.live, input);
    if ('released' in verdict) released.push({ key: known.key, reason: verdict.released });
    else candidates.push(verdict);
  }
  return {
    entries: withWaves(candidates, input),
    released: released.sort((a, b) => (formatResourceKey(a.key) < formatResourceKey(b.key) ? -1 : 1)),
  };
}

function judge(
  known: KnownObject,
  live: KubeObject | undefined,
  input: PlanInput,
): Candidate | { readonly released: string } {
  const uid = live?.metadata.uid;
  if (live === undefined) return { released: 'it is gone' };
  if (uid === undefined || !belongsTo(input.application, known.key, live)) {
    const tracking = trackingIdOf(live);
    return { released: tracking === '' ? 'it carries no tracking id' : `its tracking id is ${tracking}` };
  }
  const { options } = objectSyncOptions(input.options, live, known.key.kind);
  const isItself = input.applicationUid !== undefined && uid === input.applicationUid;
  const reason = isItself ? ITSELF : refusal(live, options, input.removal ?? 'prune');
  const weight = weightOf(known.key, live);
  const entry: PlanEntry = {
    key: known.key,
    version: known.version,
    action: reason === undefined ? 'prune' : 'skip',
    wave: waveOf(live),
    desiredDigest: '',
    uid,
    fingerprint: '',
    differences: [],
    propagation: propagationOf(options, known.key),
    ...(weight === 1 ? {} : { weight }),
    ...(input.removal !== 'delete' && ignoresExtraneous(live.metadata.annotations) ? { extraneous: true } : {}),
    ...(reason === undefined ? {} : { reason }),
  };
  return { entry, pruneLast: options.pruneLast };
}

/** Reason of a prune that is skipped because an Application would delete itself: that takes somebody who names it. */
export const ITSELF = 'it is kept: it is the Application itself; delete it by name, or declare it again';

/** A set says how many Applications it has; whoever prunes it removes them too. */
function weightOf({ group, kind }: KnownObject['key'], { status }: KubeObject): number {
  if (group !== 'argoproj.io' || kind !== 'ApplicationSet' || !isJsonObject(status)) return 1;
  const count = status['resourcesCount'];
  return typeof count === 'number' && count > 0 ? 1 + count : 1;
}

function refusal(live: KubeObject, options: SyncOptions, removal: 'prune' | 'delete'): string | undefined {
  if (live.metadata.deletionTimestamp !== undefined) return BEING_DELETED;
  const allowed: Removal = options[removal];
  const option = removal === 'prune' ? 'Prune' : 'Delete';
  switch (allowed) {
    case 'allowed':
      return undefined;
    case 'refused':
      return `it is kept: ${option}=false`;
    case 'confirm':
      return `it is kept: ${option}=confirm, and confirmations are not supported yet`;
  }
}

/** Prunes run in reversed waves, those that come last after the last wave of objects. */
function withWaves(candidates: readonly Candidate[], input: PlanInput): readonly PlanEntry[] {
  const reversed = reversedWaves(candidates.filter(({ pruneLast }) => !pruneLast).map(({ entry }) => entry.wave));
  const last = Math.max(0, ...input.targets.map(({ wave }) => wave)) + 1;
  return candidates
    .map(({ entry, pruneLast }) => ({ ...entry, wave: pruneLast ? last : (reversed.get(entry.wave) ?? entry.wave) }))
    .sort((a, b) => a.wave - b.wave || compareOrder({ ...b, wave: 0 }, { ...a, wave: 0 }));
}
