// One run of a program, from start to end, bounded in time and in output.
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { killGroup, start, type StartOptions } from './start.js';

export interface RunOptions extends StartOptions {
  /** Written to its standard input, which is then closed. */
  readonly stdin?: string | Uint8Array;
  /** The program and its children are killed after this long. */
  readonly timeoutMs: number;
  /** Largest standard output; more kills the program. */
  readonly maxOutputBytes: number;
  readonly signal?: AbortSignal;
}

export interface RunResult {
  /** Exit code; -1 where a signal ended it. */
  readonly code: number;
  readonly stdout: Buffer;
  /** The first 64 KiB, as text. */
  readonly stderr: string;
}

export type RunFailure = 'not-started' | 'timeout' | 'too-much-output' | 'aborted';

/** A program that could not be run to its end. A non-zero exit is not one. */
export class RunError extends Error {
  override readonly name = 'RunError';
  constructor(
    readonly failure: RunFailure,
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options);
  }
}

const MAX_STDERR_BYTES = 64 * 1_024;

/** Runs `file` with `argv`. Resolves with whatever exit code it had; throws {@link RunError} where it did not end by itself. */
export function run(file: string, argv: readonly string[], options: RunOptions): Promise<RunResult> {
  if (options.signal?.aborted === true)
    return Promise.reject(new RunError('aborted', `${file} was not started: aborted`));
  return new Promise((resolve, reject) => {
    const child = start(file, argv, options);
    const stderr = capture(child.stderr, { maxBytes: MAX_STDERR_BYTES });
    const stop = (failure: RunFailure, message: string): void => {
      finish();
      killGroup(child);
      reject(new RunError(failure, message));
    };
    const stdout = capture(child.stdout, {
      maxBytes: options.maxOutputBytes,
      full: () => {
        stop('too-much-output', `${file} wrote more than ${String(options.maxOutputBytes)} bytes`);
      },
    });
    const onAbort = (): void => {
      stop('aborted', `${file} was aborted`);
    };
    const timer = setTimeout(() => {
      stop('timeout', `${file} took longer than ${String(options.timeoutMs)} ms`);
    }, options.timeoutMs);
    const finish = (): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
    };
    options.signal?.addEventListener('abort', onAbort, { once: true });
    child.once('error', (cause) => {
      finish();
      reject(new RunError('not-started', `${file} cannot be started: ${cause.message}`, { cause }));
    });
    child.once('close', (code) => {
      finish();
      resolve({ code: code ?? -1, stdout: stdout(), stderr: stderr().toString('utf8') });
    });
    feed(child, options.stdin);
  });
}

/** Collects a stream up to a size. Past it, the rest is dropped and `full` is told once. */
function capture(
  stream: NodeJS.ReadableStream,
  limit: { readonly maxBytes: number; readonly full?: () => void },
): () => Buffer {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    if (size > limit.maxBytes) return;
    size += chunk.length;
    if (size > limit.maxBytes) limit.full?.();
    chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).subarray(0, limit.maxBytes);
}

function feed(child: ChildProcessWithoutNullStreams, input: string | Uint8Array | undefined): void {
  // A program may end before it has read everything; its exit code says what that means.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
}
