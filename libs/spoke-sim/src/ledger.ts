// What reached a spoke: requests counted by verb, and a log of the writes that were carried out.

/** Verbs as they are counted. A dry run counts as `dryRun` only, whatever it tried. */
export const COUNTED_VERBS = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'apply',
  'dryRun',
  'delete',
  'discovery',
  'other',
] as const;

export type CountedVerb = (typeof COUNTED_VERBS)[number];

/** Requests by verb, answered or not; `total` is their sum, `refused` those that a fault or a wrong token turned away. */
export type RequestCounts = Readonly<Record<CountedVerb | 'total' | 'refused', number>>;

/** One write that was carried out. */
export interface WriteRecord {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly verb: 'create' | 'update' | 'patch' | 'apply' | 'delete';
  /** `group/Kind/namespace/name`, with `#status` at the end for a subresource. */
  readonly key: string;
  readonly fieldManager: string;
  readonly userAgent: string;
  /** resourceVersion after the write. */
  readonly resourceVersion: string;
  /** False for a write that changed nothing. */
  readonly changed: boolean;
}

const LOG_LIMIT = 20_000;

export class Ledger {
  private tally = emptyCounts();
  private log: WriteRecord[] = [];

  count(verb: CountedVerb): void {
    this.tally[verb] += 1;
    this.tally.total += 1;
  }

  refuse(): void {
    this.tally.refused += 1;
  }

  record(write: WriteRecord): void {
    this.log.push(write);
    if (this.log.length > LOG_LIMIT) this.log.splice(0, LOG_LIMIT / 4);
  }

  counts(): RequestCounts {
    return { ...this.tally };
  }

  writes(): readonly WriteRecord[] {
    return [...this.log];
  }

  /** Starts counts and log anew. */
  reset(): void {
    this.tally = emptyCounts();
    this.log = [];
  }
}

type Tally = Record<CountedVerb | 'total' | 'refused', number>;

function emptyCounts(): Tally {
  return {
    get: 0,
    list: 0,
    watch: 0,
    create: 0,
    update: 0,
    patch: 0,
    apply: 0,
    dryRun: 0,
    delete: 0,
    discovery: 0,
    other: 0,
    total: 0,
    refused: 0,
  };
}
