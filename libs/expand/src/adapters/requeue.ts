// A set in, after how long it must be asked again what nobody tells us of out.
import { walkGenerators, type ApplicationSet, type Generator } from '@wheelwright/intent';
import type { AppError } from '@wheelwright/kernel';
import type { SetChangeResult } from '../ports.js';

/** What Argo CD waits (`compatibility.md` 2.1). Repositories are followed by their own poller, which tells when one moved. */
const DECISIONS_MS = 180_000;
const HOSTS_MS = 1_800_000;

/** The shortest time of all generators, nested ones too; undefined where everything that can change is told of. */
export function requeueAfterMs(set: ApplicationSet): number | undefined {
  const times = walkGenerators(set).flatMap(({ element }) => timesOf(element));
  return times.length === 0 ? undefined : Math.min(...times);
}

function timesOf({ git, clusterDecisionResource, scmProvider, pullRequest, plugin }: Generator): readonly number[] {
  return [
    ...(git === undefined ? [] : given(git)),
    ...(clusterDecisionResource === undefined ? [] : [given(clusterDecisionResource)[0] ?? DECISIONS_MS]),
    ...[scmProvider, pullRequest, plugin].flatMap((each) => (each === undefined ? [] : [given(each)[0] ?? HOSTS_MS])),
  ];
}

/** 0 and less mean the default, as in Argo CD. */
function given({ requeueAfterSeconds = 0 }: { readonly requeueAfterSeconds?: number }): readonly number[] {
  return requeueAfterSeconds > 0 ? [requeueAfterSeconds * 1_000] : [];
}

/** What Argo CD waits after a failure, too. */
const RETRY_MS = 180_000;
/** Other sets are expanded within moments, as a rule. */
const DEFERRED_RETRY_MS = 2_000;
/** How soon to look again for a repository that nobody has read yet. */
export const PENDING_RETRY_MS = 10_000;

/**
 * When to expand again although nothing that we are told of changed: the generators ask somebody, a name can become free, a removal waits.
 * Without a result: after a failure of the set itself.
 */
export function nextExpandMs(set: ApplicationSet, result?: SetChangeResult): { readonly retryAfterMs?: number } {
  const asking = requeueAfterMs(set);
  const times = [
    ...(asking === undefined ? [] : [result === undefined ? Math.min(asking, RETRY_MS) : asking]),
    ...(result !== undefined && result.refused.length > 0 ? [RETRY_MS] : []),
    ...(result !== undefined && result.deferred !== null ? [DEFERRED_RETRY_MS] : []),
  ];
  return times.length === 0 ? {} : { retryAfterMs: Math.min(...times) };
}

/** When to try again after something could not be read; whoever was asked may have said when. */
export function retryAfterFailureMs({ details }: AppError): number {
  const { retryAfterMs } = details;
  return typeof retryAfterMs === 'number' && retryAfterMs > 0 ? retryAfterMs : RETRY_MS;
}
