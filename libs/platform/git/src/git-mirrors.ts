// The one door to Git: addresses, commits and paths in, trees and bytes out.
import { AppError } from '@wheelwright/kernel';
import { parseChanges, type FileChange } from './changes.js';
import { GitCommand } from './command.js';
import { zeroCounters, type GitCounters } from './counters.js';
import { Mirror } from './mirror.js';
import type { GitMirrorsOptions } from './options.js';
import { openAddress } from './remote.js';
import { isObjectId } from './revisions.js';
import { parseListing, selectFiles, type FileEntry, type ReadTreeOptions, type TreeContent } from './tree.js';

/** Bare mirrors of repositories in one folder. Every method throws SourceFailed with a message for an operator. */
export class GitMirrors {
  readonly #counters = zeroCounters();
  readonly #git: GitCommand;
  readonly #mirrors = new Map<string, Mirror>();

  constructor(private readonly options: GitMirrorsOptions) {
    this.#git = new GitCommand(options, this.#counters);
  }

  get counters(): GitCounters {
    return { ...this.#counters };
  }

  /** Every ref of the remote and the object that it names: one call, whatever the number of refs. `refs/tags/x^{}` is the commit of an annotated tag. */
  lsRemote(url: string): Promise<ReadonlyMap<string, string>> {
    return this.#mirror(url).lsRemote();
  }

  /** Makes sure that the mirror holds these commits; asks the remote, once, only for those that it lacks. */
  async ensure(url: string, commits: readonly string[]): Promise<void> {
    await this.#mirror(url).ensure(checkedCommits(commits));
  }

  /** Git's id of the directory at a path (empty: the root); undefined where there is no directory. Links are not followed. */
  async treeOid(url: string, commit: string, path: string): Promise<string | undefined> {
    return (await this.treeOids(url, [{ commit, path }]))[0];
  }

  /** The same for many pairs, in their order, with one Git process. */
  async treeOids(
    url: string,
    pairs: readonly { readonly commit: string; readonly path: string }[],
  ): Promise<readonly (string | undefined)[]> {
    if (pairs.length === 0) return [];
    const mirror = this.#mirror(url);
    const questions = pairs.map(({ commit, path }) =>
      path === '' ? `${commit}^{tree}\n` : `${commit}:${checkedPath(path)}\n`,
    );
    const commits = checkedCommits([...new Set(pairs.map((pair) => pair.commit))]);
    const output = await mirror.reading(commits, () => mirror.read(['cat-file', '--batch-check'], questions.join('')));
    const answers = output.toString('utf8').split('\n');
    return pairs.map((_, index) => /^([0-9a-f]+) tree \d+$/.exec(answers[index] ?? '')?.[1]);
  }

  /** Every directory at a commit, relative to the root, without the root, sorted. */
  async directories(url: string, commit: string): Promise<readonly string[]> {
    const mirror = this.#mirror(url);
    const argv = ['ls-tree', '-r', '-d', '-z', '-l', '--full-tree', '--end-of-options', commit];
    const output = await mirror.reading(checkedCommits([commit]), () => mirror.read(argv));
    return [...parseListing(output).directories].sort();
  }

  /** Every regular file at a commit, relative to the root, with its id and size, in Git's order. Links and submodules are left out. */
  async files(url: string, commit: string): Promise<readonly FileEntry[]> {
    const mirror = this.#mirror(url);
    const argv = ['ls-tree', '-r', '-z', '-l', '--full-tree', '--end-of-options', commit];
    return parseListing(await mirror.reading(checkedCommits([commit]), () => mirror.read(argv))).files;
  }

  /** Contents of files that {@link files} listed at the commit, in their order. The caller bounds how much that is. */
  async blobs(url: string, commit: string, files: readonly FileEntry[]): Promise<readonly Uint8Array[]> {
    const mirror = this.#mirror(url);
    return mirror.reading(checkedCommits([commit]), () => mirror.blobs(files.map(({ oid }) => oid)));
  }

  /**
   * The files that differ between two commits, each by its path; a renamed file is one deleted and one added. Undefined where more than `limit` differ.
   * Neither commit needs to be in the history of the other.
   */
  async changedFiles(
    url: string,
    between: { readonly from: string; readonly to: string },
    limit: number,
  ): Promise<readonly FileChange[] | undefined> {
    const mirror = this.#mirror(url);
    const commits = checkedCommits([between.from, between.to]);
    const argv = ['diff-tree', '-r', '-z', '--no-renames', '--name-status', '--end-of-options', ...commits];
    return parseChanges(await mirror.reading(commits, () => mirror.read(argv)), limit);
  }

  /**
   * The regular files of a directory. Symbolic links and submodules are never followed, they are listed as skipped.
   * `treeOid`, where the caller knows it already, saves a question. Throws where the directory does not exist, or holds more than the options allow (before anything is read).
   */
  async readTree(
    url: string,
    at: { readonly commit: string; readonly path: string; readonly treeOid?: string },
    options: ReadTreeOptions,
  ): Promise<TreeContent> {
    const mirror = this.#mirror(url);
    const tree = at.treeOid ?? (await this.treeOid(url, at.commit, at.path));
    if (tree === undefined)
      throw new AppError('SourceFailed', `${mirror.address.url}: there is no directory "${at.path}" at ${at.commit}`);
    if (!isObjectId(tree)) throw new AppError('SourceFailed', 'A tree must be given by its full id');
    return mirror.reading(checkedCommits([at.commit]), async () => {
      const argv = ['ls-tree', ...(options.recurse ? ['-r'] : []), '-z', '-l', '--full-tree', '--end-of-options', tree];
      const listing = parseListing(await mirror.read(argv));
      const chosen = selectFiles(listing, options);
      const contents = await mirror.blobs(chosen.map((file) => file.oid));
      const files = chosen.flatMap(({ path }, index) => {
        const bytes = contents[index];
        return bytes === undefined ? [] : [{ path, bytes }];
      });
      return { files, skipped: listing.skipped };
    });
  }

  /** Ends the programs that read files. Transfers that run end by themselves. */
  close(): void {
    for (const mirror of this.#mirrors.values()) mirror.close();
    this.#mirrors.clear();
  }

  #mirror(url: string): Mirror {
    const address = openAddress(url, this.options.allowInsecure);
    const known = this.#mirrors.get(address.url);
    if (known !== undefined) return known;
    const mirror = new Mirror(address, { git: this.#git, options: this.options, counters: this.#counters });
    this.#mirrors.set(address.url, mirror);
    return mirror;
  }
}

function checkedCommits(commits: readonly string[]): readonly string[] {
  for (const commit of commits) {
    if (!isObjectId(commit)) throw new AppError('SourceFailed', 'A commit must be given by its full id');
  }
  return commits;
}

/** Questions to Git are lines: a path with a line break would be two of them. */
function checkedPath(path: string): string {
  if (/[\u0000-\u001f\u007f]/.test(path)) throw new AppError('SourceFailed', 'A path holds a control character');
  return path;
}
