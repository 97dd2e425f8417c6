// The complete result of an expansion in, the rows of its set brought into line with one statement.
import { DELETION_BUDGET, type ApplicationSetId } from '@wheelwright/kernel';
import type { PoolClient } from 'pg';
import type { Application, ApplicationsSyncPolicy, IgnoreApplicationDifference } from '../types.js';
import { applicationRow } from './application-rows.js';
import { PRESERVED_ANNOTATIONS } from './application-statement.js';
import { keepIgnoredFields } from './keep-ignored-fields.js';
import { REPLACE, type ReplaceAnswer } from './replace-statement.js';
import { expandHeirs } from './set-moves.js';

/** What a set consists of from now on. */
export interface SetChange {
  readonly setId: ApplicationSetId;
  /** The valid ones, each name once. */
  readonly applications: readonly Application[];
  /** Names of all that were generated, invalid ones too: what has one of these names is never removed. */
  readonly generatedNames: readonly string[];
  readonly policy: ApplicationsSyncPolicy;
  /** Names of annotations and labels that the set leaves as somebody else wrote them. */
  readonly preserved: { readonly annotations: readonly string[]; readonly labels: readonly string[] };
  /** Fields that others may write (`ignoreApplicationDifferences`). Absent: none. */
  readonly ignoreDifferences?: readonly IgnoreApplicationDifference[];
}

/** Something that the author of the set should know. */
export interface SetChangeIssue {
  readonly severity: 'error' | 'warning';
  /** `UnsupportedIgnoreRule` (warning): a path that is left out; `IgnoredFieldsConflict` (error): an Application that is left as it is. */
  readonly code: 'UnsupportedIgnoreRule' | 'IgnoredFieldsConflict';
  readonly message: string;
  /** Where in the set, as a JSON pointer. */
  readonly pointer: string;
  readonly application?: string;
}

/** What it came to. Lists are sorted by name. */
export interface SetChangeResult {
  readonly created: readonly string[];
  /** Adopted ones too. */
  readonly updated: readonly string[];
  readonly unchanged: number;
  /** Deleted, or marked for deletion, now. */
  readonly removed: readonly string[];
  /** Past the deletion budget: still there, waiting for an approval. */
  readonly held: { readonly names: readonly string[]; readonly total: number; readonly reason: string } | null;
  /**
   * Not generated any more and not removed yet, because another set changed and may be about to claim it. To be expanded again soon, although
   * no input changed; from `until` (ISO time) on nothing is waited for.
   */
  readonly deferred: { readonly names: readonly string[]; readonly until: string } | null;
  /** Not generated any more, and given to the set that claimed it, with all that it has. */
  readonly handedOver: readonly { readonly name: string; readonly set: string }[];
  /** Not written: the name belongs to somebody else, or to an Application that is still being deleted. */
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
  readonly issues: readonly SetChangeIssue[];
}

/**
 * Makes an expansion the truth, in the caller's transaction: inserts, updates and removes Applications of the set as its policy lets it, and
 * writes nothing of what is unchanged. Names that belong to somebody else are refused and claimed, not taken; what another set claims is handed
 * over, not removed. The caller holds the lock of the set's row. One statement, whatever the number; with rules for ignored fields a read
 * before it, and where something was handed over what wakes its new owner.
 */
export async function replaceSetApplications(client: PoolClient, change: SetChange): Promise<SetChangeResult> {
  const { policy, preserved } = change;
  const kept = await keepIgnoredFields(client, change);
  const { rows } = await client.query<ReplaceAnswer>(REPLACE, [
    JSON.stringify(kept.applications.map(applicationRow)),
    change.setId,
    [...PRESERVED_ANNOTATIONS, ...preserved.annotations],
    preserved.labels,
    true,
    policy === 'sync' || policy === 'create-update',
    change.generatedNames,
    policy === 'sync' || policy === 'create-delete',
    DELETION_BUDGET.few,
    DELETION_BUDGET.share,
  ]);
  const [answer] = rows;
  if (answer === undefined) throw new Error('the statement answered no row');
  await expandHeirs(client, answer.heirs);
  const { created, updated, removed, held, deferred, handed_over: handedOver, refused } = answer;
  const unchanged = change.applications.length - created.length - updated.length - refused.length;
  return { created, updated, unchanged, removed, held, deferred, handedOver, refused, issues: kept.issues };
}
