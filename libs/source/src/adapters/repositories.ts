// The source room as other processes use it: revisions to commits from Postgres, trees and files from the mirrors.
import { AppError, normaliseRepoUrl } from '@wheelwright/kernel';
import { isSafeRevision, type GitMirrors } from '@wheelwright/platform-git';
import { enqueue, type Store } from '@wheelwright/platform-store';
import { sanitisePath } from '../paths.js';
import type { PollResult, ReadFilesOptions, SourceFiles, SourceTree } from '../types.js';
import { readChosen, type ChooseFiles, type RevisionFiles } from './generator-files.js';
import { Lru } from './lru.js';
import { poll, type PollerParts } from './poller.js';

export interface RepositoriesOptions {
  readonly store: Store;
  readonly mirrors: GitMirrors;
  /** Time between two looks at one repository; each waits up to 20 % more or less. */
  readonly intervalMs: number;
  /** Default: Math.random. */
  readonly random?: () => number;
}

interface KnownRef {
  readonly id: string;
  readonly repositoryError: string;
  readonly commit: string | null;
  readonly error: string | null;
}

const CACHED_TREES = 20_000;
const CACHED_LISTINGS = 64;

export class Repositories {
  readonly #parts: PollerParts;
  readonly #trees = new Lru<string>(CACHED_TREES);
  readonly #listings = new Lru<readonly string[]>(CACHED_LISTINGS);

  constructor(private readonly options: RepositoriesOptions) {
    this.#parts = { ...options, random: options.random ?? Math.random };
  }

  /**
   * The commit of a revision as it was when the repository was last asked: one row, no remote. An unknown repository or revision is followed
   * from now on, and `pending` until the poller has asked. A known commit stays valid while the remote is down.
   * Throws SourceFailed where the revision does not exist, or the repository could not be read yet.
   */
  async resolve(repoURL: string, revision: string): Promise<{ readonly commit: string } | 'pending'> {
    const url = normalised(repoURL);
    const wanted = revision === '' ? 'HEAD' : revision;
    if (!isSafeRevision(wanted))
      throw new AppError('SourceFailed', 'The target revision is not the name of a branch, a tag or a commit');
    const { rows } = await this.options.store.pool.query<KnownRef>(
      `SELECT r.id, r.error AS "repositoryError", f.commit, f.error FROM repositories r
       LEFT JOIN repository_refs f ON f.repository_id = r.id AND f.revision = $2 WHERE r.url = $1`,
      [url, wanted],
    );
    const known = rows[0];
    if (known?.commit) return { commit: known.commit };
    if (known?.error) throw new AppError('SourceFailed', known.error);
    if (known === undefined || known.commit === null) await this.#follow(url, wanted);
    if (known !== undefined && known.repositoryError !== '') throw new AppError('SourceFailed', known.repositoryError);
    return 'pending';
  }

  /**
   * Looks at a repository: one question to the remote whatever the number of Applications, a transfer only if something moved. Writes what
   * moved, marks as due exactly the Applications whose directory differs, wakes the sets that read it and says when to look again. A failure
   * is recorded with a backoff and answered as `failure`; what was known stays.
   */
  poll(repositoryId: string): Promise<PollResult> {
    return poll(this.#parts, repositoryId);
  }

  /** Pins a directory. Throws SourceFailed where it does not exist at the commit. */
  async openTree(repoURL: string, commit: string, path: string): Promise<SourceTree> {
    const url = normalised(repoURL);
    const plain = sanitisePath(path);
    const treeDigest = await this.#trees.get(`${url} ${commit} ${plain}`, () => this.#treeOf(url, commit, plain));
    return { repoURL: url, commit, path: plain, treeDigest };
  }

  /** The files of a pinned directory, sorted by path. Links and submodules are never followed. */
  async readFiles(tree: SourceTree, options: ReadFilesOptions): Promise<SourceFiles> {
    const { files, skipped } = await this.options.mirrors.readTree(
      normalised(tree.repoURL),
      { ...tree, treeOid: tree.treeDigest },
      options,
    );
    return { files: [...files].sort((a, b) => compareText(a.path, b.path)), skipped };
  }

  /** Every directory of a revision, for the generators of sets; `pending` and errors as {@link resolve}. */
  async tree(
    repoURL: string,
    revision: string,
  ): Promise<{ readonly commit: string; readonly directories: readonly string[] } | 'pending'> {
    const resolved = await this.resolve(repoURL, revision);
    if (resolved === 'pending') return 'pending';
    const url = normalised(repoURL);
    const { commit } = resolved;
    const directories = await this.#listings.get(`${url} ${commit}`, () =>
      this.options.mirrors.directories(url, commit),
    );
    return { commit, directories };
  }

  /**
   * Files of a revision, for the generators of sets, sorted by path; `pending` and errors as {@link resolve}. Links and submodules are never
   * among them. Throws SourceFailed, with the numbers, for too many or too large files, and for one that is not text.
   * @param choose which of all paths of the revision to read
   */
  async files(repoURL: string, revision: string, choose: ChooseFiles): Promise<RevisionFiles | 'pending'> {
    const resolved = await this.resolve(repoURL, revision);
    if (resolved === 'pending') return 'pending';
    const url = normalised(repoURL);
    return { commit: resolved.commit, files: await readChosen(this.options.mirrors, { url, ...resolved }, choose) };
  }

  async #treeOf(url: string, commit: string, path: string): Promise<string> {
    const oid = await this.options.mirrors.treeOid(url, commit, path);
    if (oid === undefined)
      throw new AppError(
        'SourceFailed',
        `${url}: the path "${path}" is not a directory at ${commit.slice(0, 12)}; correct spec.source.path`,
      );
    return oid;
  }

  async #follow(url: string, revision: string): Promise<void> {
    await this.options.store.tx(async (client) => {
      await client.query('INSERT INTO repositories (url) VALUES ($1) ON CONFLICT (url) DO NOTHING', [url]);
      const { rows } = await client.query<{ id: string }>(
        `INSERT INTO repository_refs (repository_id, revision) SELECT id, $2 FROM repositories WHERE url = $1
         ON CONFLICT DO NOTHING RETURNING repository_id AS id`,
        [url, revision],
      );
      await enqueue(
        client,
        'source',
        rows.map((row) => row.id),
      );
    });
  }
}

function normalised(repoURL: string): string {
  try {
    return normaliseRepoUrl(repoURL);
  } catch (error) {
    if (error instanceof AppError) throw new AppError('SourceFailed', error.message, { cause: error });
    throw error;
  }
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
