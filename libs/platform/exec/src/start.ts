// The one place that starts other programs: argument vectors only, never a shell, and an environment that the caller spells out.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';

export interface StartOptions {
  readonly cwd?: string;
  /** The whole environment. Nothing is inherited; `PATH` decides where `file` is found. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts a program in a process group of its own and answers at once. The caller reads both outputs and ends it with {@link killGroup}.
 * A program that cannot be started reports an `error` event.
 */
export function start(file: string, argv: readonly string[], options: StartOptions): ChildProcessWithoutNullStreams {
  for (const text of [file, ...argv]) {
    if (text.includes('\0')) throw new TypeError('an argument holds a NUL');
  }
  return spawn(file, [...argv], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...options.env },
    shell: false,
    // Its own group, so that its children (git starts ssh and git-remote-https) end with it.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
}

/** Ends a started program and its children at once. Does nothing where it has ended. */
export function killGroup(child: { readonly pid?: number | undefined }): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // ESRCH: the whole group has ended already.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
