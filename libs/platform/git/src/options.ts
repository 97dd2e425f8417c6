// What the mirrors need to know, once, at start-up.

export interface GitMirrorsOptions {
  /** Folder of the bare mirrors; created where it is missing. Its content is a cache: it may be deleted while nothing runs. */
  readonly root: string;
  /** Also take `http://` and `file://` repositories. Off in production. */
  readonly allowInsecure: boolean;
  /** Deadline of one local Git command and of one question to a remote. A transfer may take five times as long. */
  readonly timeoutMs: number;
  /** Where programs are found, as a `PATH`. */
  readonly searchPath?: string;
  /** Private key for `ssh://` repositories. */
  readonly sshKeyFile?: string;
  /** Host keys that are trusted; without it, those of the user that runs the process. Unknown hosts are refused. */
  readonly knownHostsFile?: string;
  /** Certificate authorities for `https://`, as a PEM file; without it, those of the system. */
  readonly caFile?: string;
  /** A program that reads files ends after it was idle for this long. Default 60 s. */
  readonly idleMs?: number;
}

export const DEFAULT_SEARCH_PATH = '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin';
export const DEFAULT_IDLE_MS = 60_000;
/** A transfer may take this many times the usual deadline. */
export const FETCH_FACTOR = 5;
