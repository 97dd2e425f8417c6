// The bare mirror of one repository: what it lacks is fetched, what it holds is read, and one that is damaged is built anew.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, type RepoAddress } from '@wheelwright/kernel';
import type { RunResult } from '@wheelwright/platform-exec';
import { BlobReader, MirrorDamaged } from './blob-reader.js';
import type { GitCommand } from './command.js';
import type { MutableGitCounters } from './counters.js';
import { isUnadvertised, isUnknownObject, isWrongAddress, remoteFailure } from './explain.js';
import { withFileLock } from './file-lock.js';
import { DEFAULT_IDLE_MS, FETCH_FACTOR, type GitMirrorsOptions } from './options.js';
import { spellingsOf } from './remote.js';

export interface MirrorParts {
  readonly git: GitCommand;
  readonly options: GitMirrorsOptions;
  readonly counters: MutableGitCounters;
}

const MAX_REFS_BYTES = 64 * 1_024 * 1_024;
const MAX_LISTING_BYTES = 64 * 1_024 * 1_024;
/** Commits are fetched without their history until this many stand alone: the list travels with every fetch. */
const MAX_SHALLOW = 200;
const DAMAGE = /corrupt|bad object|unable to read|inflate|is empty|not a git repository|bad config|object directory/i;

export class Mirror {
  readonly #dir: string;
  readonly #blobs: BlobReader;
  /** Spelling of the address that the remote answered to last. */
  #spelling: string | undefined;
  readonly #known = new Set<string>();
  /** Transfers of one repository run one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    readonly address: RepoAddress,
    private readonly parts: MirrorParts,
  ) {
    const name = createHash('sha256').update(address.url).digest('hex').slice(0, 40);
    this.#dir = join(parts.options.root, `${name}.git`);
    this.#blobs = new BlobReader({
      start: () => parts.git.start(['cat-file', '--batch'], this.#dir),
      timeoutMs: parts.options.timeoutMs,
      idleMs: parts.options.idleMs ?? DEFAULT_IDLE_MS,
    });
  }

  /** Every ref of the remote and its object, `HEAD` and peeled tags (`…^{}`) included, in one question. */
  async lsRemote(): Promise<ReadonlyMap<string, string>> {
    await mkdir(this.parts.options.root, { recursive: true });
    const result = await this.#remote((url) => {
      this.parts.counters.lsRemotes += 1;
      const limits = { timeoutMs: this.parts.options.timeoutMs, maxOutputBytes: MAX_REFS_BYTES };
      return this.parts.git.run(['ls-remote', '--quiet', '--', url], limits);
    });
    const lines = result.stdout.toString('utf8').split('\n');
    return new Map(
      lines
        .filter((line) => line !== '')
        .map((line) => [line.slice(line.indexOf('\t') + 1), line.slice(0, line.indexOf('\t'))]),
    );
  }

  /** Fetches those of the commits that the mirror lacks, all in one transfer. */
  async ensure(commits: readonly string[]): Promise<void> {
    if (commits.every((commit) => this.#known.has(commit))) return;
    const turn = this.#turn.then(() => this.#fill(commits));
    this.#turn = turn.catch(() => undefined);
    await turn;
    if (this.#known.size > 10_000) this.#known.clear();
    for (const commit of commits) this.#known.add(commit);
  }

  /** Runs a reading command. Any failure of it means that the mirror is damaged. */
  async read(argv: readonly string[], stdin?: string): Promise<Buffer> {
    const result = await this.#local(argv, stdin);
    if (result.code !== 0) throw new MirrorDamaged(`git ${argv[0] ?? ''} failed: ${result.stderr.slice(0, 500)}`);
    return result.stdout;
  }

  blobs(oids: readonly string[]): Promise<readonly Buffer[]> {
    this.parts.counters.blobs += oids.length;
    return this.#blobs.read(oids);
  }

  /** Reads something of the commits, fetching them first where needed. A damaged mirror is built anew, once. */
  async reading<T>(commits: readonly string[], work: () => Promise<T>): Promise<T> {
    await this.ensure(commits);
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof MirrorDamaged)) throw error;
    }
    await this.#locked(() => this.#discard());
    await this.ensure(commits);
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof MirrorDamaged)) throw error;
      throw new AppError(
        'SourceFailed',
        `${this.address.url}: its mirror cannot be read, even after a fresh transfer`,
        { cause: error },
      );
    }
  }

  close(): void {
    this.#blobs.close();
  }

  async #fill(commits: readonly string[]): Promise<void> {
    await mkdir(this.parts.options.root, { recursive: true });
    await this.#locked(async () => {
      const lacking = await this.#lacking(commits);
      if (lacking.length === 0) return;
      await this.#init();
      if ((await this.#transfer(lacking)) && (await this.#lacking(commits)).length === 0) return;
      await this.#discard();
      await this.#init();
      await this.#transfer(commits);
      if ((await this.#lacking(commits)).length > 0)
        throw new AppError('SourceFailed', `${this.address.url}: a commit cannot be fetched`);
    });
  }

  /** Whether the transfer went well; false where the mirror itself stood in the way. Failures of the remote are thrown. */
  async #transfer(commits: readonly string[]): Promise<boolean> {
    const depth = (await this.#shallowCount()) < MAX_SHALLOW ? ['--depth=1'] : [];
    const one = await this.#fetch(
      depth,
      commits.map((commit) => `+${commit}:refs/wheelwright/${commit}`),
    );
    if (one.code === 0) return true;
    if (isUnadvertised(one.stderr)) {
      // An old server gives only what its refs name: take all of them.
      const all = await this.#fetch([], ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*']);
      if (all.code === 0) return true;
    }
    if (DAMAGE.test(one.stderr)) return false;
    if (isUnknownObject(one.stderr)) {
      throw new AppError('SourceFailed', `${this.address.url}: it holds no commit ${commits.join(' or ')}`, {
        details: { missing: true },
      });
    }
    throw remoteFailure(this.address.url, one.stderr);
  }

  async #fetch(flags: readonly string[], refspecs: readonly string[]): Promise<RunResult> {
    const fixed = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
    return this.#eachSpelling((url) => {
      this.parts.counters.fetches += 1;
      const limits = { timeoutMs: FETCH_FACTOR * this.parts.options.timeoutMs, maxOutputBytes: MAX_REFS_BYTES };
      return this.parts.git.run([...fixed, ...flags, '--', url, ...refspecs], { gitDir: this.#dir, ...limits });
    });
  }

  async #remote(attempt: (url: string) => Promise<RunResult>): Promise<RunResult> {
    const result = await this.#eachSpelling(attempt);
    if (result.code !== 0) throw remoteFailure(this.address.url, result.stderr);
    return result;
  }

  async #eachSpelling(attempt: (url: string) => Promise<RunResult>): Promise<RunResult> {
    const [first = this.address.url, ...others] =
      this.#spelling === undefined ? spellingsOf(this.address) : [this.#spelling];
    const result = await attempt(first);
    if (result.code === 0) this.#spelling = first;
    if (result.code === 0 || !isWrongAddress(result.stderr)) return result;
    for (const other of others) {
      const second = await attempt(other);
      if (second.code !== 0) continue;
      this.#spelling = other;
      return second;
    }
    return result;
  }

  /** Those of the commits whose tree cannot be read here. */
  async #lacking(commits: readonly string[]): Promise<readonly string[]> {
    if (!(await this.#exists())) return commits;
    const checked = await this.#local(
      ['cat-file', '--batch-check'],
      commits.map((commit) => `${commit}^{tree}\n`).join(''),
    );
    if (checked.code !== 0) return commits;
    const answers = checked.stdout.toString('latin1').split('\n');
    return commits.filter((_, index) => !/ tree \d+$/.test(answers[index] ?? ''));
  }

  #local(argv: readonly string[], stdin?: string): Promise<RunResult> {
    const limits = { timeoutMs: this.parts.options.timeoutMs, maxOutputBytes: MAX_LISTING_BYTES };
    return this.parts.git.run(argv, { gitDir: this.#dir, ...limits, ...(stdin === undefined ? {} : { stdin }) });
  }

  async #exists(): Promise<boolean> {
    return stat(join(this.#dir, 'HEAD')).then(
      () => true,
      () => false,
    );
  }

  async #init(): Promise<void> {
    if (await this.#exists()) return;
    // Made aside and moved, so that a half-made mirror is never seen.
    const aside = `${this.#dir}.${randomUUID()}`;
    const limits = { timeoutMs: this.parts.options.timeoutMs, maxOutputBytes: 4_096 };
    const made = await this.parts.git.run(['init', '--quiet', '--bare', '--template=', '--', aside], limits);
    if (made.code !== 0) throw new AppError('Internal', 'A mirror cannot be created: is the data folder writable?');
    await rm(this.#dir, { recursive: true, force: true });
    await rename(aside, this.#dir);
  }

  async #discard(): Promise<void> {
    this.#blobs.close(new MirrorDamaged('the mirror is built anew'));
    this.#known.clear();
    await rm(this.#dir, { recursive: true, force: true });
  }

  #locked<T>(work: () => Promise<T>): Promise<T> {
    return withFileLock(`${this.#dir}.lock`, 2 * FETCH_FACTOR * this.parts.options.timeoutMs, work);
  }

  async #shallowCount(): Promise<number> {
    const text = await readFile(join(this.#dir, 'shallow'), 'utf8').catch(() => '');
    return text.split('\n').length - 1;
  }
}
