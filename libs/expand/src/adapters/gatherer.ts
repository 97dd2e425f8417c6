// Requests for facts in, their answers out: each asked once, several at a time.
import { AppError, normaliseRepoUrl } from '@wheelwright/kernel';
import { chooseFiles } from '../choose-files.js';
import {
  factKey,
  type DecisionsAnswer,
  type DecisionsRequest,
  type DirectoriesRequest,
  type FactAnswer,
  type FactRequest,
  type Facts,
  type FilesRequest,
  type PluginAnswer,
  type PluginRequest,
  type PullRequestsAnswer,
  type PullRequestsRequest,
  type RepositoriesAnswer,
  type RepositoriesRequest,
} from '../facts.js';
import type { RevisionReader } from '../ports.js';
import { isRegisteredFact, registeredFact, withDecidedClusters } from './registered-facts.js';
import type { Queryable } from './queryable.js';

/** Whom to ask for what is neither in Postgres nor in a repository. Each throws SourceFailed or ExpandFailed with words for the author of the set. */
export interface Askers {
  repositories(request: RepositoriesRequest): Promise<RepositoriesAnswer>;
  pullRequests(request: PullRequestsRequest): Promise<PullRequestsAnswer>;
  plugin(request: PluginRequest): Promise<PluginAnswer>;
  decisions(request: DecisionsRequest): Promise<DecisionsAnswer>;
}

/** How a revision is replaced while facts are gathered. */
export interface RevisionOverride {
  readonly revision: string;
  /** Absent: of all repositories. */
  readonly repoURL?: string;
}

export interface GatherParts {
  readonly revisions: RevisionReader;
  readonly askers: Askers;
}

/** A request and what it was answered. */
export interface GatheredFact {
  readonly request: FactRequest;
  readonly answer: FactAnswer;
}

const PARALLEL = 8;

/** Gathers the facts of one run of one set. */
export class Gatherer {
  readonly #gathered = new Map<string, GatheredFact>();
  readonly #answers = new Map<string, FactAnswer>();

  constructor(
    private readonly db: Queryable,
    private readonly parts: GatherParts,
    private readonly override?: RevisionOverride,
  ) {}

  /** What is known by now. */
  get facts(): Facts {
    return this.#answers;
  }

  get gathered(): readonly GatheredFact[] {
    return [...this.#gathered.values()];
  }

  /**
   * Answers those of the requests that are not answered yet; says which repository has to be waited for. Throws what makes one of them fail, so
   * that nothing is concluded from the others.
   */
  async gather(requests: readonly FactRequest[]): Promise<{ readonly waitsFor?: string }> {
    const open = requests.filter((request) => !this.#answers.has(factKey(request)));
    let waitsFor: string | undefined;
    let next = 0;
    const work = async (): Promise<void> => {
      for (let request = open[next++]; request !== undefined; request = open[next++]) {
        const answer = await this.#ask(request);
        if (answer === 'pending') waitsFor ??= 'repoURL' in request ? request.repoURL : '';
        else this.#put({ request, answer });
      }
    };
    await Promise.all(Array.from({ length: Math.min(PARALLEL, open.length) }, work));
    return waitsFor === undefined ? {} : { waitsFor };
  }

  /** The same facts, with those of Postgres as they are now in the caller's transaction. */
  async refreshed(db: Queryable): Promise<Gatherer> {
    const fresh = new Gatherer(db, this.parts, this.override);
    // One after the other: a transaction has one connection.
    for (const { request, answer } of this.#gathered.values()) {
      if (isRegisteredFact(request)) fresh.#put({ request, answer: await registeredFact(db, request) });
      else if (request.kind === 'decisions')
        fresh.#put({ request, answer: await withDecidedClusters(db, answer as DecisionsAnswer) });
      else fresh.#put({ request, answer });
    }
    return fresh;
  }

  #put(fact: GatheredFact): void {
    const key = factKey(fact.request);
    this.#gathered.set(key, fact);
    this.#answers.set(key, fact.answer);
  }

  async #ask(request: FactRequest): Promise<FactAnswer | 'pending'> {
    const { askers, revisions } = this.parts;
    switch (request.kind) {
      case 'clusters':
      case 'registered':
        return registeredFact(this.db, request);
      case 'directories':
        return revisions.tree(request.repoURL, this.#revisionOf(request));
      case 'files':
        return revisions.files(request.repoURL, this.#revisionOf(request), (paths) =>
          chooseFiles(paths, request.patterns),
        );
      case 'repositories':
        return askers.repositories(request);
      case 'pullRequests':
        return askers.pullRequests(request);
      case 'plugin':
        return askers.plugin(request);
      case 'decisions':
        return withDecidedClusters(this.db, await askers.decisions(request));
    }
  }

  #revisionOf({ repoURL, revision }: DirectoriesRequest | FilesRequest): string {
    const { override } = this;
    if (override === undefined) return revision;
    return override.repoURL === undefined || isSameRepository(override.repoURL, repoURL) ? override.revision : revision;
  }
}

function isSameRepository(a: string, b: string): boolean {
  try {
    return normaliseRepoUrl(a) === normaliseRepoUrl(b);
  } catch (error) {
    // Not an address: it fails where it is read.
    if (error instanceof AppError) return a === b;
    throw error;
  }
}
