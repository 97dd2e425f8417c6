// One look at one repository: one question to the remote whatever the number of Applications, and a wake-up for exactly those concerned.
import { AppError } from '@wheelwright/kernel';
import type { GitMirrors } from '@wheelwright/platform-git';
import type { Store } from '@wheelwright/platform-store';
import { sanitisePath } from '../paths.js';
import { isCommitId, resolveRevision } from '../revisions.js';
import { changesOf, type Changes } from '../touched.js';
import type { PollResult } from '../types.js';
import {
  followRefs,
  loadRepository,
  moveRefs,
  recordFailure,
  recordSuccess,
  revisionsOfSets,
  usedPaths,
  wakeApplications,
  wakeSets,
  type ChangedPath,
  type FollowedRef,
  type RefMove,
} from './poll-store.js';

export interface PollerParts {
  readonly store: Store;
  readonly mirrors: GitMirrors;
  /** Time between two looks at one repository. */
  readonly intervalMs: number;
  /** A number in [0, 1): spreads the looks. */
  readonly random: () => number;
}

/** A repository that fails is asked again at the latest after this long. */
const MAX_BACKOFF_MS = 600_000;

/** See {@link Repositories.poll}. */
export async function poll(parts: PollerParts, id: string): Promise<PollResult> {
  const { store } = parts;
  const repository = await loadRepository(store, id);
  if (repository === undefined) return { changed: [] };
  const followed = await followRefs(store, id);
  if (followed.length === 0) {
    // Nobody uses it: the remote is not asked.
    await recordSuccess(store.pool, id, MAX_BACKOFF_MS);
    return { changed: [] };
  }
  try {
    const moves = await findMoves(parts, repository.url, followed);
    if (moves.length === 0) {
      await recordSuccess(store.pool, id, jittered(parts, parts.intervalMs));
      return { changed: [] };
    }
    return { changed: await commitMoves(parts, { id, url: repository.url }, moves) };
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'SourceFailed')) throw error;
    const nextMs = (failures: number): number =>
      jittered(parts, Math.min(MAX_BACKOFF_MS, parts.intervalMs * 2 ** Math.min(failures, 20)));
    await recordFailure(store, id, { message: error.message, nextMs });
    return { changed: [], failure: error };
  }
}

/** Asks the remote once and fetches the commits that are new, in one transfer. */
async function findMoves(
  parts: PollerParts,
  url: string,
  followed: readonly FollowedRef[],
): Promise<readonly RefMove[]> {
  const refs = await parts.mirrors.lsRemote(url);
  const moves: RefMove[] = [];
  for (const ref of followed) {
    const commit = resolveRevision(refs, ref.revision);
    const move =
      commit === undefined ? gone(url, ref) : { revision: ref.revision, from: ref.commit, commit, error: '' };
    if (move.commit !== ref.commit || move.error !== ref.error)
      moves.push(isCommitId(ref.revision) ? await verified(parts, url, move) : move);
  }
  await parts.mirrors.ensure(
    url,
    moves.filter((move) => move.error === '').map((move) => move.commit),
  );
  return moves.filter((move) =>
    followed.every((ref) => ref.revision !== move.revision || ref.commit !== move.commit || ref.error !== move.error),
  );
}

function gone(url: string, ref: FollowedRef): RefMove {
  const error = `${url} has no revision "${ref.revision}"`;
  return { revision: ref.revision, from: ref.commit, commit: '', error };
}

/** A commit id names itself, so only a transfer shows whether the repository holds it. */
async function verified(parts: PollerParts, url: string, move: RefMove): Promise<RefMove> {
  try {
    await parts.mirrors.ensure(url, [move.commit]);
    return move;
  } catch (error) {
    if (error instanceof AppError && error.details['missing'] === true)
      return { ...move, commit: '', error: error.message };
    throw error;
  }
}

async function commitMoves(
  parts: PollerParts,
  repository: { readonly id: string; readonly url: string },
  moves: readonly RefMove[],
): Promise<readonly string[]> {
  const { id, url } = repository;
  const comparable = await withKnownPast(parts, url, moves);
  const paths = await usedPaths(
    parts.store,
    id,
    comparable.map((move) => move.revision),
  );
  const changedPaths = await differingPaths(parts, url, { moves: comparable, paths });
  const changes = await changedFiles(parts, { id, url }, comparable);
  const isComparable = new Set(comparable.map((move) => move.revision));
  return parts.store.tx(async (client) => {
    const moved = await moveRefs(client, id, moves);
    await wakeApplications(client, id, {
      revisions: moved.filter((revision) => !isComparable.has(revision)),
      paths: changedPaths.filter((path) => moved.includes(path.revision)),
      reason: 'a commit changed what it deploys',
    });
    await wakeSets(client, id, { revisions: moved, changes });
    await recordSuccess(client, id, jittered(parts, parts.intervalMs));
    return moved;
  });
}

/** The moves between two commits that can both be read. All Applications of the others are woken. */
async function withKnownPast(parts: PollerParts, url: string, moves: readonly RefMove[]): Promise<readonly RefMove[]> {
  const known: RefMove[] = [];
  for (const move of moves) {
    if (move.from === '' || move.commit === '') continue;
    try {
      await parts.mirrors.ensure(url, [move.from]);
      known.push(move);
    } catch (error) {
      // The old commit is gone from the remote (a forced push) and from here: compare nothing, wake all.
      if (!(error instanceof AppError)) throw error;
    }
  }
  return known;
}

/** More changed files than this are not compared: all sets of the revision are woken. */
const MAX_CHANGED_FILES = 20_000;

/** What each move changed, for the revisions that sets read. A move whose changes are too many, or cannot be read, is left out. */
async function changedFiles(
  parts: PollerParts,
  { id, url }: { readonly id: string; readonly url: string },
  moves: readonly RefMove[],
): Promise<ReadonlyMap<string, Changes>> {
  const changes = new Map<string, Changes>();
  const read = await revisionsOfSets(
    parts.store,
    id,
    moves.map(({ revision }) => revision),
  );
  for (const { revision, from, commit } of moves.filter((move) => read.has(move.revision))) {
    try {
      const files = await parts.mirrors.changedFiles(url, { from, to: commit }, MAX_CHANGED_FILES);
      if (files !== undefined) changes.set(revision, changesOf(files));
    } catch (error) {
      // Too long a list to read: to wake too many sets is only slow.
      if (!(error instanceof AppError)) throw error;
    }
  }
  return changes;
}

/** The paths whose tree is another one after the move: one Git process for all of them. */
async function differingPaths(
  parts: PollerParts,
  url: string,
  given: { readonly moves: readonly RefMove[]; readonly paths: readonly ChangedPath[] },
): Promise<readonly ChangedPath[]> {
  const moveOf = new Map(given.moves.map((move) => [move.revision, move]));
  const questions = given.paths.flatMap((used) => {
    const move = moveOf.get(used.revision);
    const path = plainPath(used.path);
    return move === undefined || path === undefined
      ? []
      : [{ used, old: { commit: move.from, path }, fresh: { commit: move.commit, path } }];
  });
  const trees = await parts.mirrors.treeOids(
    url,
    questions.flatMap(({ old, fresh }) => [old, fresh]),
  );
  return questions.filter((_, index) => trees[2 * index] !== trees[2 * index + 1]).map(({ used }) => used);
}

/** Undefined for a path that can never be read; its Application says so already. */
function plainPath(path: string): string | undefined {
  try {
    return sanitisePath(path);
  } catch {
    // Refused before any tool sees it.
    return undefined;
  }
}

function jittered(parts: PollerParts, ms: number): number {
  return Math.round(ms * (0.8 + 0.4 * parts.random()));
}
