// What the log of a spoke proves of its writers: who wrote, under which lease, and in which order.
import type { WriteRecord } from '@wheelwright/spoke-sim';

/** One write, with what its user agent says: `wheelwright-worker/<host>:<pid>:<random> (lease <generation>)`. */
export interface LeasedWrite {
  readonly pid: number;
  readonly generation: number;
  readonly key: string;
  readonly verb: string;
  readonly changed: boolean;
}

/** The writes of workers, in the order in which the spoke carried them out. Throws where one does not say who wrote it. */
export function leasedWrites(log: readonly WriteRecord[]): readonly LeasedWrite[] {
  return log.map(({ userAgent, key, verb, changed }) => {
    const [, pid, generation] = /^wheelwright-worker\/[^ ]*:(\d+):[0-9a-f]+ \(lease (\d+)\)$/.exec(userAgent) ?? [];
    if (pid === undefined || generation === undefined)
      throw new Error(`a write by nobody knows whom: ${userAgent} ${key}`);
    return { pid: Number(pid), generation: Number(generation), key, verb, changed };
  });
}

/** Where a write comes after one of a newer lease, or one lease has two writers: law 3 says that there is none. */
export function fencingFaults(writes: readonly LeasedWrite[]): readonly string[] {
  const faults: string[] = [];
  const holders = new Map<number, number>();
  let newest = 0;
  for (const { generation, pid, key } of writes) {
    if (generation < newest) faults.push(`${key}: written under lease ${generation} after lease ${newest} had written`);
    const holder = holders.get(generation) ?? pid;
    if (holder !== pid) faults.push(`${key}: lease ${generation} has two writers, ${holder} and ${pid}`);
    holders.set(generation, holder);
    newest = Math.max(newest, generation);
  }
  return faults;
}

/** Names of the objects (`namespace/name`) of a kind that were changed more than once: made once, each has one change. */
export function changedTwice(writes: readonly LeasedWrite[], kind: string): readonly string[] {
  const seen = new Map<string, number>();
  for (const { key, changed } of writes)
    if (changed && key.split('/')[1] === kind) seen.set(key, (seen.get(key) ?? 0) + 1);
  return [...seen].filter(([, times]) => times > 1).map(([key]) => key);
}

/** The process of the last write; undefined where nothing was written. */
export const lastWriter = (writes: readonly LeasedWrite[]): number | undefined => writes.at(-1)?.pid;
