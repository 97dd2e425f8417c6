// One Git command: the hardened arguments and the environment that every one of them gets.
import { AppError } from '@wheelwright/kernel';
import { run, RunError, start, type RunResult } from '@wheelwright/platform-exec';
import type { MutableGitCounters } from './counters.js';
import { DEFAULT_SEARCH_PATH, type GitMirrorsOptions } from './options.js';

export type GitChild = ReturnType<typeof start>;

export interface GitRun {
  /** The mirror; absent for commands that need none. */
  readonly gitDir?: string;
  readonly stdin?: string;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
}

/** Starts Git with everything off that a repository, a user or a host could have configured. */
export class GitCommand {
  readonly #env: Readonly<Record<string, string>>;
  readonly #flags: readonly string[];

  constructor(
    private readonly options: GitMirrorsOptions,
    private readonly counters: MutableGitCounters,
  ) {
    this.#env = environment(options);
    this.#flags = hardening(options.allowInsecure);
  }

  /** Runs a command to its end. A non-zero exit is for the caller to judge; a deadline or a flood is thrown as SourceFailed. */
  async run(argv: readonly string[], options: GitRun): Promise<RunResult> {
    this.counters.processes += 1;
    try {
      return await run('git', this.#argv(argv, options.gitDir), {
        env: this.#env,
        cwd: this.options.root,
        timeoutMs: options.timeoutMs,
        maxOutputBytes: options.maxOutputBytes,
        ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
      });
    } catch (error) {
      if (error instanceof RunError) throw new AppError('SourceFailed', describe(error, argv), { cause: error });
      throw error;
    }
  }

  /** Starts a command that lives on. */
  start(argv: readonly string[], gitDir: string): GitChild {
    this.counters.processes += 1;
    return start('git', this.#argv(argv, gitDir), { env: this.#env, cwd: this.options.root });
  }

  #argv(argv: readonly string[], gitDir: string | undefined): readonly string[] {
    return [...this.#flags, ...(gitDir === undefined ? [] : [`--git-dir=${gitDir}`]), ...argv];
  }
}

function environment(options: GitMirrorsOptions): Readonly<Record<string, string>> {
  return {
    PATH: options.searchPath ?? DEFAULT_SEARCH_PATH,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_ASKPASS: '/bin/false',
    // Only these transports exist, whatever a URL, a redirect or a configuration says.
    GIT_ALLOW_PROTOCOL: options.allowInsecure ? 'https:ssh:http:file' : 'https:ssh',
    GIT_SSH_VARIANT: 'ssh',
    GIT_SSH_COMMAND: sshCommand(options),
    ...(options.caFile === undefined ? {} : { GIT_SSL_CAINFO: options.caFile }),
  };
}

/** Git hands this line to a shell, so nothing but plain file names may enter it. */
function sshCommand(options: GitMirrorsOptions): string {
  const files = [
    ...(options.sshKeyFile === undefined ? [] : ['-i', plainFile(options.sshKeyFile), '-o', 'IdentitiesOnly=yes']),
    ...(options.knownHostsFile === undefined ? [] : ['-o', `UserKnownHostsFile=${plainFile(options.knownHostsFile)}`]),
  ];
  const fixed = [
    '-F',
    '/dev/null',
    '-o',
    'BatchMode=yes',
    '-o',
    'StrictHostKeyChecking=yes',
    '-o',
    'ConnectTimeout=10',
  ];
  return ['ssh', ...fixed, '-o', 'ForwardAgent=no', '-o', 'PermitLocalCommand=no', ...files].join(' ');
}

function plainFile(file: string): string {
  if (!/^\/[A-Za-z0-9_.\-/]+$/.test(file)) {
    throw new AppError('Internal', 'Files for ssh must be absolute paths of letters, digits, "_", ".", "-" and "/"');
  }
  return file;
}

function hardening(allowInsecure: boolean): readonly string[] {
  const allowed = allowInsecure ? ['https', 'ssh', 'http', 'file'] : ['https', 'ssh'];
  const settings = [
    'protocol.allow=never',
    ...allowed.map((protocol) => `protocol.${protocol}.allow=always`),
    'protocol.version=2',
    'core.hooksPath=/dev/null',
    'core.fsmonitor=false',
    'core.symlinks=false',
    'core.attributesFile=/dev/null',
    'core.askPass=/bin/false',
    'credential.helper=',
    'submodule.recurse=false',
    'fetch.recurseSubmodules=false',
    // A redirect could carry credentials to another host, or reach into a private network.
    'http.followRedirects=false',
    'http.lowSpeedLimit=1000',
    'http.lowSpeedTime=30',
    // Collecting garbage must end with the command that holds the lock.
    'gc.autoDetach=false',
    'maintenance.autoDetach=false',
  ];
  return [
    '--no-pager',
    '--no-replace-objects',
    '--literal-pathspecs',
    ...settings.flatMap((setting) => ['-c', setting]),
  ];
}

function describe(error: RunError, argv: readonly string[]): string {
  const verb = argv[0] ?? 'git';
  switch (error.failure) {
    case 'timeout':
      return `git ${verb} did not end in time: the repository is slow, unreachable or very large`;
    case 'too-much-output':
      return `git ${verb} answered more than the hub reads: the repository has too many refs or files`;
    case 'not-started':
      return 'git cannot be started: install it (2.30 or newer) where the worker runs';
    case 'aborted':
      return `git ${verb} was aborted`;
  }
}
