// The id of a set in; its Applications brought into line with what it generates now.
import { setTimeout as delay } from 'node:timers/promises';
import type { ApplicationSet } from '@wheelwright/intent';
import { AppError, done, type ApplicationSetId, type Clock, type Outcome } from '@wheelwright/kernel';
import type { Store } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';
import { lintUnread } from '../lint-set.js';
import type { Admission, ApplicationCatalogue, Refusal } from '../ports.js';
import type { ExpandIssue, Expansion } from '../types.js';
import { admit } from './admit.js';
import { completedVerdicts, failedVerdicts, timeConditions, waitingVerdicts } from './conditions.js';
import { gatherAndExpand } from './expansion-run.js';
import { inputDigest } from './fact-digest.js';
import { loadSet, type LoadedSet } from './facts.js';
import { Gatherer, type GatherParts, type RevisionOverride } from './gatherer.js';
import { issuesOf } from './outcome-issues.js';
import type { Queryable } from './queryable.js';
import { recordDependencies } from './read-dependencies.js';
import { endRefresh } from './refresh.js';
import { nextExpandMs, retryAfterFailureMs, PENDING_RETRY_MS } from './requeue.js';
import { changeOf } from './set-change.js';
import { writeSetStatus } from './set-status.js';

/** Digest of inputs that could not all be read: the next expansion is not skipped, even where it reads what the last complete one read. */
const UNKNOWN = '';
/** How often a trial looks whether a repository was read by now. */
const TRIAL_LOOK_MS = 250;

export interface SetExpanderParts extends GatherParts {
  readonly store: Store;
  readonly catalogue: ApplicationCatalogue<PoolClient>;
  readonly admission: Admission<Queryable>;
  readonly clock: Clock;
}

/** Facts that were gathered, ready to be expanded on a connection. */
export interface PreparedExpansion {
  expandOn(db: Queryable): Promise<Expansion>;
}

/** What a run came to before anything is written: an expansion and what projects refuse of it, or why there is none. */
type Found = { readonly expansion: Expansion; readonly refusals: readonly Refusal[] } | { readonly failure: AppError };

/** Expands sets, one at a time per set. Running it twice, late or half and again comes to the same. */
export class SetExpander {
  constructor(private readonly parts: SetExpanderParts) {}

  /**
   * Gathers the facts and expands, and where anything differs from the last time, writes. Unchanged inputs write no row. What could not be read, or
   * not be expanded, changes nothing but the conditions and issues of the set.
   */
  async expandSet(id: ApplicationSetId): Promise<Outcome> {
    const { store } = this.parts;
    const loaded = await loadSet(store.pool, id, 'read');
    if (loaded === undefined) return done;
    const gatherer = new Gatherer(store.pool, this.parts);
    const found = await this.find(store.pool, loaded.set, gatherer);
    if ('waitsFor' in found) return this.wait(id, loaded, found.waitsFor);
    if ('failure' in found && found.failure.code !== 'ExpandFailed') return this.fail(id, loaded, found.failure);
    if (isSettled(loaded, digestOf(loaded, gatherer, found))) return done;
    return store.tx((client) => this.expandLocked(client, id, { generation: loaded.generation, gatherer, found }));
  }

  /**
   * Gathers what an expansion of the set reads, without writing anything. Waits for repositories that were not read before until the signal
   * aborts, then throws Unavailable. Throws what makes an expansion fail.
   */
  async prepare(
    set: ApplicationSet,
    options: { readonly override?: RevisionOverride; readonly signal: AbortSignal },
  ): Promise<PreparedExpansion> {
    const gatherer = new Gatherer(this.parts.store.pool, this.parts, options.override);
    for (;;) {
      const result = await gatherAndExpand(set, gatherer);
      if (result.kind === 'complete') return { expandOn: (db) => this.expandOn(db, set, gatherer) };
      const pause = delay(TRIAL_LOOK_MS, undefined, { signal: options.signal });
      await pause.catch(() => {
        throw new AppError('Unavailable', `${result.repoURL} was not read in time: is a worker running?`);
      });
    }
  }

  /** The complete expansion with the facts of Postgres as the caller's transaction has them; refused Applications are invalid. */
  private async expandOn(db: Queryable, set: ApplicationSet, gatherer: Gatherer): Promise<Expansion> {
    const result = await gatherAndExpand(set, await gatherer.refreshed(db));
    if (result.kind === 'waits') throw new AppError('Unavailable', `${result.repoURL} was not read yet: try again`);
    return admit(result.expansion, await this.refusalsOf(db, result.expansion)).expansion;
  }

  /** Reads the facts of Postgres again under the lock of the set: the last expansion to commit is one of the newest facts. */
  private async expandLocked(
    client: PoolClient,
    id: ApplicationSetId,
    read: { readonly generation: string; readonly gatherer: Gatherer; readonly found: Found },
  ): Promise<Outcome> {
    const loaded = await loadSet(client, id, 'lock');
    if (loaded === undefined) return done;
    if (loaded.generation !== read.generation) return { kind: 'again', why: 'the set changed meanwhile' };
    const gatherer = await read.gatherer.refreshed(client);
    const isSame = inputDigest(gatherer.gathered, {}) === inputDigest(read.gatherer.gathered, {});
    const found = isSame ? await this.judged(client, read.found) : await this.find(client, loaded.set, gatherer);
    if ('waitsFor' in found || ('failure' in found && found.failure.code !== 'ExpandFailed'))
      return { kind: 'again', why: 'the spokes changed meanwhile' };
    const digest = digestOf(loaded, gatherer, found);
    if (isSettled(loaded, digest)) return done;
    if (loaded.isForced) await endRefresh(client, id);
    if ('failure' in found) return this.stall(client, id, { loaded, digest, error: found.failure });
    await this.write(client, id, { loaded, digest, gatherer, admitted: admit(found.expansion, found.refusals) });
    return done;
  }

  private async write(
    client: PoolClient,
    id: ApplicationSetId,
    run: {
      readonly loaded: LoadedSet;
      readonly digest: string;
      readonly gatherer: Gatherer;
      readonly admitted: ReturnType<typeof admit>;
    },
  ): Promise<void> {
    const { loaded, gatherer, digest } = run;
    const { expansion, denied } = run.admitted;
    const result = await this.parts.catalogue.replaceSetApplications(client, changeOf(id, loaded.set, expansion));
    await recordDependencies(client, id, { set: loaded.set, facts: gatherer.gathered, denied });
    const issues = issuesOf(expansion, result);
    await writeSetStatus(client, id, {
      generation: loaded.generation,
      conditions: this.timed(loaded, completedVerdicts(issues, result)),
      inputDigest: digest,
      issues,
      applicationCount: result.created.length + result.updated.length + result.unchanged,
      ...nextExpandMs(loaded.set, result),
    });
  }

  /** Throws what is no AppError: nobody can say what it means for the set. */
  private async find(
    db: Queryable,
    set: ApplicationSet,
    gatherer: Gatherer,
  ): Promise<Found | { readonly waitsFor: string }> {
    try {
      const result = await gatherAndExpand(set, gatherer);
      if (result.kind === 'waits') return { waitsFor: result.repoURL };
      return { expansion: result.expansion, refusals: await this.refusalsOf(db, result.expansion) };
    } catch (error) {
      if (error instanceof AppError) return { failure: error };
      throw error;
    }
  }

  /** The same, with what projects refuse of it now. */
  private async judged(db: Queryable, found: Found): Promise<Found> {
    if ('failure' in found) return found;
    return { expansion: found.expansion, refusals: await this.refusalsOf(db, found.expansion) };
  }

  private refusalsOf(db: Queryable, { applications }: Expansion): Promise<readonly Refusal[]> {
    return this.parts.admission.check(
      db,
      applications.flatMap(({ application, valid }) => (valid ? [application] : [])),
    );
  }

  private async stall(
    client: PoolClient,
    id: ApplicationSetId,
    { loaded, digest, error }: { readonly loaded: LoadedSet; readonly digest: string; readonly error: AppError },
  ): Promise<Outcome> {
    await writeSetStatus(client, id, {
      generation: loaded.generation,
      conditions: this.timed(loaded, failedVerdicts(error)),
      inputDigest: digest,
      issues: [failureIssue(error), ...lintUnread(loaded.set)],
      ...nextExpandMs(loaded.set),
    });
    return { kind: 'stalled', error };
  }

  private async fail(id: ApplicationSetId, loaded: LoadedSet, error: AppError): Promise<Outcome> {
    const conditions = this.timed(loaded, failedVerdicts(error));
    await writeSetStatus(this.parts.store.pool, id, {
      generation: loaded.generation,
      conditions,
      inputDigest: UNKNOWN,
      issues: [failureIssue(error), ...lintUnread(loaded.set)],
      retryAfterMs: retryAfterFailureMs(error),
    });
    return { kind: 'retry', error };
  }

  private async wait(id: ApplicationSetId, loaded: LoadedSet, repoURL: string): Promise<Outcome> {
    const message = `waits for the first read of ${repoURL}`;
    const conditions = this.timed(loaded, waitingVerdicts(message));
    await writeSetStatus(this.parts.store.pool, id, {
      generation: loaded.generation,
      conditions,
      inputDigest: UNKNOWN,
      issues: lintUnread(loaded.set),
      retryAfterMs: PENDING_RETRY_MS,
    });
    return { kind: 'retry', error: new AppError('Unavailable', `set ${loaded.set.metadata.name} ${message}`) };
  }

  private timed(loaded: LoadedSet, verdicts: Parameters<typeof timeConditions>[0]): ReturnType<typeof timeConditions> {
    return timeConditions(verdicts, loaded.status.conditions, new Date(this.parts.clock.nowMs()).toISOString());
  }
}

/** A set that could not be expanded has an issue that says so, so that a query for sets with issues finds it. */
function failureIssue({ code, message, faults }: AppError): ExpandIssue {
  return { severity: 'error', code, message, pointer: faults[0]?.pointer ?? '/spec' };
}

function digestOf({ digest: set }: LoadedSet, gatherer: Gatherer, found: Found): string {
  // What makes a run fail need not be a fact that was gathered: another failure is news, too.
  if ('failure' in found) return inputDigest(gatherer.gathered, { set, failure: found.failure.message });
  const refusals = found.refusals.map(({ name, message }) => [name, message]);
  return inputDigest(gatherer.gathered, { set, refusals });
}

function isSettled({ status, generation, isDue, isForced }: LoadedSet, digest: string): boolean {
  return status.inputDigest === digest && status.observedGeneration === generation && !isDue && !isForced;
}
