// How much Git work was done, for tests, the bench and metrics.

/** Running totals since the start of the process. */
export interface GitCounters {
  /** Questions to remotes about their refs. */
  readonly lsRemotes: number;
  /** Transfers from remotes. */
  readonly fetches: number;
  /** Git programs started, for whatever reason. */
  readonly processes: number;
  /** Files read. */
  readonly blobs: number;
}

/** The same, as the code that counts holds it. */
export type MutableGitCounters = { -readonly [Name in keyof GitCounters]: GitCounters[Name] };

export function zeroCounters(): MutableGitCounters {
  return { lsRemotes: 0, fetches: 0, processes: 0, blobs: 0 };
}
