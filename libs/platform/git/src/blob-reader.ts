// Object ids in, bytes out, through one `git cat-file --batch` that lives as long as it is used. Questions are pipelined.
import { AppError } from '@wheelwright/kernel';
import { killGroup } from '@wheelwright/platform-exec';
import type { GitChild } from './command.js';

/** The mirror does not hold what it should. The caller builds it anew. */
export class MirrorDamaged extends Error {
  override readonly name = 'MirrorDamaged';
}

export interface BlobReaderOptions {
  readonly start: () => GitChild;
  /** Without an answer for this long, the process is ended. */
  readonly timeoutMs: number;
  readonly idleMs: number;
}

interface Waiting {
  readonly resolve: (bytes: Buffer) => void;
  readonly reject: (error: Error) => void;
}

const NEWLINE = 0x0a;

export class BlobReader {
  #child: GitChild | undefined;
  #waiting: Waiting[] = [];
  #answered = 0;
  #chunks: Buffer[] = [];
  #buffered = 0;
  /** Bytes of the object being read, its final newline included; undefined while a header is awaited. */
  #expected: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: BlobReaderOptions) {}

  /** Contents of blobs, in the order of their ids. Throws {@link MirrorDamaged} where one cannot be read. */
  read(oids: readonly string[]): Promise<readonly Buffer[]> {
    if (oids.length === 0) return Promise.resolve([]);
    const child = (this.#child ??= this.#open());
    const answers = oids.map(
      () =>
        new Promise<Buffer>((resolve, reject) => {
          this.#waiting.push({ resolve, reject });
        }),
    );
    child.stdin.write(`${oids.join('\n')}\n`);
    this.#watch();
    return Promise.all(answers);
  }

  /** Ends the process; what is still waited for fails with `why`. */
  close(why: Error = new AppError('Unavailable', 'The reader of a repository was closed')): void {
    const child = this.#child;
    this.#child = undefined;
    clearTimeout(this.#timer);
    if (child !== undefined) killGroup(child);
    this.#fail(why);
  }

  #open(): GitChild {
    const child = this.options.start();
    const ended = (why: Error): void => {
      if (this.#child !== child) return;
      this.#child = undefined;
      clearTimeout(this.#timer);
      this.#fail(why);
    };
    child.once('error', (error) => {
      ended(new AppError('SourceFailed', 'git cannot be started', { cause: error }));
    });
    child.once('close', (code) => {
      ended(new MirrorDamaged(`git cat-file ended with code ${String(code)}`));
    });
    child.stdin.on('error', () => undefined);
    child.stderr.resume();
    child.stdout.on('data', (chunk: Buffer) => {
      if (this.#child === child) this.#take(chunk);
    });
    return child;
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    // Joining only when something can be answered keeps a large object linear.
    if (this.#expected !== undefined && this.#buffered < this.#expected) return;
    let buffer: Buffer = Buffer.concat(this.#chunks);
    for (;;) {
      const rest = this.#expected === undefined ? this.#header(buffer) : this.#body(buffer, this.#expected);
      if (rest === undefined) break;
      buffer = rest;
    }
    if (this.#child === undefined) return;
    this.#chunks = [buffer];
    this.#buffered = buffer.length;
    this.#watch();
  }

  #header(buffer: Buffer): Buffer | undefined {
    const end = buffer.indexOf(NEWLINE);
    if (end < 0) return undefined;
    const line = buffer.toString('latin1', 0, end);
    const header = /^[0-9a-f]+ (\w+) (\d+)$/.exec(line);
    if (header?.[1] === 'blob') this.#expected = Number(header[2]) + 1;
    else if (header === null && line.endsWith(' missing'))
      this.#next()?.reject(new MirrorDamaged('an object is missing'));
    else this.close(new MirrorDamaged('an answer was not a blob'));
    return this.#child === undefined ? undefined : buffer.subarray(end + 1);
  }

  #body(buffer: Buffer, expected: number): Buffer | undefined {
    if (buffer.length < expected) return undefined;
    this.#expected = undefined;
    // A copy, so that one small file does not keep a whole chunk in memory.
    this.#next()?.resolve(Buffer.from(buffer.subarray(0, expected - 1)));
    return buffer.subarray(expected);
  }

  #next(): Waiting | undefined {
    const waiting = this.#waiting[this.#answered];
    this.#answered += 1;
    if (this.#answered === this.#waiting.length) {
      this.#waiting = [];
      this.#answered = 0;
    }
    return waiting;
  }

  /** One timer, two uses: a deadline while answers are awaited, else the idle time after which the process ends. */
  #watch(): void {
    clearTimeout(this.#timer);
    if (this.#child === undefined) return;
    const isBusy = this.#waiting.length > 0;
    this.#timer = setTimeout(
      () => {
        this.close(
          isBusy ? new AppError('SourceFailed', 'The mirror of a repository was not read in time') : undefined,
        );
      },
      isBusy ? this.options.timeoutMs : this.options.idleMs,
    );
    if (!isBusy) this.#timer.unref();
  }

  #fail(why: Error): void {
    const failed = this.#waiting.slice(this.#answered);
    this.#waiting = [];
    this.#answered = 0;
    this.#chunks = [];
    this.#buffered = 0;
    this.#expected = undefined;
    for (const waiting of failed) waiting.reject(why);
  }
}
