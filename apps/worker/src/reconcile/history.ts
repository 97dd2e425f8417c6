// What one operation came to in; its entry in the history of the Application out.
import type { ApplicationSource } from '@wheelwright/intent';
import type { Attempt } from '@wheelwright/rollout';
import type { ReconcileResult } from '@wheelwright/status/adapters';
import type { CarriedOut } from './carry-out.js';
import { singleSource } from './context.js';
import type { DueApplication } from './load.js';

type Entry = NonNullable<ReconcileResult['history']>;

/** `revisionHistoryLimit` where nobody set it (`compatibility.md` 2.5). */
const LIMIT = 10;
const ENTRIES = 100;

/** What an attempt did in the pass in which it ended. */
export interface Ended {
  readonly attempt: Attempt;
  readonly message: string;
  readonly carried: CarriedOut | undefined;
}

/** The entry of an operation that ended, well or not. The attempt is not running any more. */
export function historyOf(due: DueApplication, source: ApplicationSource, { attempt, ...ended }: Ended): Entry {
  return {
    kind: kindOf(attempt),
    reason: attempt.reason ?? '',
    revision: attempt.revision,
    source,
    phase: attempt.state === 'succeeded' ? 'Succeeded' : 'Failed',
    message: ended.message,
    initiatedBy: attempt.initiatedBy,
    automated: attempt.automated,
    retries: Math.max(0, attempt.failures - 1),
    startedAt: new Date(attempt.startedAtMs).toISOString(),
    finishedAt: new Date(attempt.endedAtMs).toISOString(),
    changeSet: changeSetOf(ended.carried),
    limit: limitOf(due),
  };
}

/** The entry of a sync that somebody asked for and that was refused; nothing where nobody asked. */
export function refusedHistory(due: DueApplication, message: string, nowIso: string): Pick<ReconcileResult, 'history'> {
  const requested = due.requested.find(({ kind }) => kind === 'sync')?.sync;
  if (requested === undefined || requested.dryRun) return {};
  const single = singleSource(due.application);
  return {
    history: {
      kind: requested.origin ?? (requested.resources.length > 0 ? 'partial' : 'sync'),
      reason: requested.reason ?? '',
      revision: due.pin?.revision ?? '',
      source: 'source' in single ? single.source : {},
      phase: 'Error',
      message,
      initiatedBy: requested.requestedBy,
      automated: false,
      retries: 0,
      startedAt: nowIso,
      finishedAt: nowIso,
      changeSet: changeSetOf(undefined),
      limit: limitOf(due),
    },
  };
}

/** The entry of an operation that somebody ended before this pass; nothing where nobody did. */
export function terminatedHistory(due: DueApplication): Pick<ReconcileResult, 'history'> {
  const { attempt } = due;
  const single = singleSource(due.application);
  if (due.isEnding !== true || attempt === undefined || 'problem' in single) return {};
  return { history: historyOf(due, single.source, { attempt, message: attempt.message, carried: undefined }) };
}

function kindOf({ origin, resources, heals, automated }: Attempt): Entry['kind'] {
  if (resources.length > 0) return 'partial';
  if (origin !== undefined) return origin;
  return automated && heals > 0 ? 'heal' : 'sync';
}

function limitOf({ application }: DueApplication): number {
  return application.spec.revisionHistoryLimit ?? LIMIT;
}

function changeSetOf(carried: CarriedOut | undefined): Entry['changeSet'] {
  const changes = [...(carried?.changes.values() ?? [])];
  const count = (wanted: (typeof changes)[number]['action']): number =>
    changes.filter(({ action }) => action === wanted).length;
  return {
    created: count('created'),
    configured: count('configured'),
    unchanged: count('unchanged'),
    deleted: count('deleted'),
    failed: count('failed'),
    entries: changes
      .filter(({ action }) => action !== 'unchanged')
      .slice(0, ENTRIES)
      .map(({ key, action }) => ({ ...key, action })),
  };
}
