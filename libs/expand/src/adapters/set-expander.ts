// The id of a set in; its Applications brought into line with what it generates now.
import type { ApplicationSet } from '@wheelwright/intent';
import { AppError, done, toAppError, type ApplicationSetId, type Clock, type Outcome } from '@wheelwright/kernel';
import type { Store } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';
import { expand } from '../expand.js';
import { lintUnread } from '../lint-set.js';
import type { ApplicationCatalogue, SetChange, SetChangeResult, TreeReader } from '../ports.js';
import { factKey, type FactAnswer, type FactRequest, type Facts } from '../facts.js';
import type { ExpandIssue, ExpandResult, Expansion } from '../types.js';
import { completedVerdicts, failedVerdicts, NAME_TAKEN, timeConditions, waitingVerdicts } from './conditions.js';
import { answerRegistered, inputDigest, loadRegistered, loadSet, type LoadedSet, type Queryable } from './facts.js';
import { changeOf } from './set-change.js';
import { writeSetStatus } from './set-status.js';

/** What Argo CD waits after a failure, too. */
const RETRY_MS = 180_000;
const PENDING_RETRY_MS = 10_000;
/** Other sets are expanded within moments, as a rule. */
const DEFERRED_RETRY_MS = 2_000;
/** Digest of inputs that could not all be read: the next expansion is not skipped, even where it reads what the last complete one read. */
const UNKNOWN = '';

export interface SetExpanderParts {
  readonly store: Store;
  readonly catalogue: ApplicationCatalogue<PoolClient>;
  readonly trees: TreeReader;
  readonly clock: Clock;
}

/** How often an expansion may ask for facts. */
const MAX_ROUNDS = 6;

/** What an attempt came to, and the facts that it read. */
type Attempt = { readonly facts: Facts } & (
  | { readonly expansion: Expansion }
  /** The set cannot be expanded with these facts. */
  | { readonly failure: AppError }
  /** A repository is still to be read. */
  | { readonly waitsFor: string }
  /** Something could not be read. */
  | { readonly error: AppError }
);

/** Expands sets, one at a time per set. Running it twice, late or half and again comes to the same. */
export class SetExpander {
  constructor(private readonly parts: SetExpanderParts) {}

  /**
   * Gathers the facts, and where they differ from those of the last time, expands and writes. Unchanged inputs write no row. What could not be
   * read, or not be expanded, changes nothing but the conditions and issues of the set.
   */
  async expandSet(id: ApplicationSetId): Promise<Outcome> {
    const { store } = this.parts;
    const loaded = await loadSet(store.pool, id, 'read');
    if (loaded === undefined) return done;
    const attempt = await this.attempt(loaded.set, store.pool, new Map());
    if ('error' in attempt) return this.fail(id, loaded, attempt.error);
    if ('waitsFor' in attempt) return this.wait(id, loaded, attempt.waitsFor);
    if (isSettled(loaded, inputDigest(loaded, attempt.facts))) return done;
    const { facts } = attempt;
    return store.tx((client) => this.expandLocked(client, id, { generation: loaded.generation, facts }));
  }

  /** Reads the facts again under the lock of the set: the last expansion to commit is one of the newest facts. */
  private async expandLocked(
    client: PoolClient,
    id: ApplicationSetId,
    read: { readonly generation: string; readonly facts: Facts },
  ): Promise<Outcome> {
    const loaded = await loadSet(client, id, 'lock');
    if (loaded === undefined) return done;
    if (loaded.generation !== read.generation) return { kind: 'again', why: 'the set changed meanwhile' };
    const attempt = await this.attempt(loaded.set, client, read.facts);
    if ('error' in attempt) throw attempt.error;
    if ('waitsFor' in attempt) return { kind: 'again', why: `the repository ${attempt.waitsFor} is asked for anew` };
    const digest = inputDigest(loaded, attempt.facts);
    if (isSettled(loaded, digest)) return done;
    if ('failure' in attempt) {
      const expansion = attempt.failure;
      await writeSetStatus(client, id, {
        generation: loaded.generation,
        conditions: this.timed(loaded, failedVerdicts(expansion)),
        inputDigest: digest,
        issues: [failureIssue(expansion), ...lintUnread(loaded.set)],
      });
      return { kind: 'stalled', error: expansion };
    }
    const { expansion } = attempt;
    const result = await this.parts.catalogue.replaceSetApplications(client, changeOf(id, loaded.set, expansion));
    const issues = [...expansion.issues, ...result.issues, ...result.refused.map(takenIssue)];
    await writeSetStatus(client, id, {
      generation: loaded.generation,
      conditions: this.timed(loaded, completedVerdicts(issues, result)),
      inputDigest: digest,
      issues,
      applicationCount: result.created.length + result.updated.length + result.unchanged,
      ...retryOf(result),
    });
    return done;
  }

  private async fail(id: ApplicationSetId, loaded: LoadedSet, error: AppError): Promise<Outcome> {
    const conditions = this.timed(loaded, failedVerdicts(error));
    await writeSetStatus(this.parts.store.pool, id, {
      generation: loaded.generation,
      conditions,
      inputDigest: UNKNOWN,
      issues: [failureIssue(error), ...lintUnread(loaded.set)],
      retryAfterMs: RETRY_MS,
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

  /** Expands, gathers what is missing, and expands again. Facts of Postgres are read anew, the others are taken from `known`. */
  private async attempt(set: ApplicationSet, db: Queryable, known: Facts): Promise<Attempt> {
    const facts = new Map<string, FactAnswer>();
    const registered = await loadRegistered(db);
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const result = tryExpand(set, facts);
      if (result instanceof AppError) return { facts, failure: result };
      if (result.kind === 'complete') return { facts, expansion: result.expansion };
      for (const request of result.requests) {
        const answer =
          request.kind === 'clusters' || request.kind === 'registered'
            ? answerRegistered(request, registered)
            : (known.get(factKey(request)) ?? (await this.readOutside(request)));
        if (answer instanceof AppError) return { facts, error: answer };
        if (answer === 'pending') return { facts, waitsFor: 'repoURL' in request ? request.repoURL : request.kind };
        facts.set(factKey(request), answer);
      }
    }
    const message = `set ${set.metadata.name} still asks for facts after ${String(MAX_ROUNDS)} rounds: nest its generators less deeply`;
    return { facts, failure: new AppError('ExpandFailed', message) };
  }

  private async readOutside(request: FactRequest): Promise<FactAnswer | 'pending' | AppError> {
    if (request.kind !== 'directories') {
      return new AppError('ExpandFailed', `a generator asks for ${request.kind}, which cannot be answered yet`);
    }
    try {
      return await this.parts.trees.tree(request.repoURL, request.revision);
    } catch (error) {
      return toAppError(error, 'SourceFailed', 'a repository of the set could not be read');
    }
  }

  private timed(loaded: LoadedSet, verdicts: Parameters<typeof timeConditions>[0]): ReturnType<typeof timeConditions> {
    return timeConditions(verdicts, loaded.status.conditions, new Date(this.parts.clock.nowMs()).toISOString());
  }
}

/** A set that could not be expanded has an issue that says so, so that a query for sets with issues finds it. */
function failureIssue({ code, message, faults }: AppError): ExpandIssue {
  return { severity: 'error', code, message, pointer: faults[0]?.pointer ?? '/spec' };
}

function isSettled({ status, generation, isDue }: LoadedSet, digest: string): boolean {
  return status.inputDigest === digest && status.observedGeneration === generation && !isDue;
}

function tryExpand(set: ApplicationSet, facts: Facts): ExpandResult | AppError {
  try {
    return expand(set, facts);
  } catch (error) {
    return toAppError(error, 'ExpandFailed', `set ${set.metadata.name} could not be expanded`);
  }
}

/** A name can become free, and a removal be waited for, without any input of the set changing. */
function retryOf({ deferred, refused }: SetChangeResult): { readonly retryAfterMs?: number } {
  if (deferred !== null) return { retryAfterMs: DEFERRED_RETRY_MS };
  return refused.length > 0 ? { retryAfterMs: RETRY_MS } : {};
}

function takenIssue({ name, reason }: SetChangeResult['refused'][number]): ExpandIssue {
  const message = `${name} is not written: ${reason}`;
  return { severity: 'error', code: NAME_TAKEN, message, pointer: '/spec/template/metadata/name', application: name };
}
