// CPU and memory of process trees, as Linux tells them under /proc.
import { readdirSync, readFileSync } from 'node:fs';

/** What one line of /proc/<pid>/stat says. Times in seconds; those of children only once they ended and were waited for. */
export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly cpuSeconds: number;
  readonly endedChildrenSeconds: number;
}

/** Linux has counted in hundredths of a second for user space on every architecture for decades (USER_HZ). */
const TICKS_PER_SECOND = 100;

/** Reads one line of /proc/<pid>/stat (proc_pid_stat(5)). The name may hold spaces and brackets, so fields are counted from its last bracket. */
export function parseStat(line: string): ProcessStat | undefined {
  const close = line.lastIndexOf(')');
  const pid = Number.parseInt(line, 10);
  const fields = line
    .slice(close + 2)
    .split(' ')
    .map(Number);
  const [parent, utime, stime, cutime, cstime] = [1, 11, 12, 13, 14].map((at) => fields[at]);
  if (close < 0 || parent === undefined || utime === undefined || stime === undefined) return undefined;
  return {
    pid,
    parent,
    cpuSeconds: (utime + stime) / TICKS_PER_SECOND,
    endedChildrenSeconds: ((cutime ?? 0) + (cstime ?? 0)) / TICKS_PER_SECOND,
  };
}

/** The processes below and including `roots`. */
export function treesOf(all: readonly ProcessStat[], roots: readonly number[]): readonly ProcessStat[] {
  const children = new Map<number, ProcessStat[]>();
  for (const stat of all) children.set(stat.parent, [...(children.get(stat.parent) ?? []), stat]);
  const found = all.filter(({ pid }) => roots.includes(pid));
  for (const stat of found) found.push(...(children.get(stat.pid) ?? []));
  return [...new Set(found)];
}

/** Reads a value in kB out of /proc/<pid>/smaps_rollup or /proc/<pid>/status, in bytes; 0 where the line is missing. */
export function parseKilobytes(text: string, name: string): number {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text);
  return match === null ? 0 : Number(match[1]) * 1024;
}

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // The process ended between the listing and the reading.
    return '';
  }
}

function allStats(): readonly ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => parseStat(readOr(`/proc/${pid}/stat`)))
    .filter((stat) => stat !== undefined);
}

/** CPU seconds of whole trees since they started, with children that ended. */
export function cpuSecondsOf(roots: readonly number[]): number {
  return treesOf(allStats(), roots).reduce((sum, stat) => sum + stat.cpuSeconds + stat.endedChildrenSeconds, 0);
}

/** Proportional set size of whole trees in bytes: pages shared by n processes count 1/n in each. */
export function pssBytesOf(roots: readonly number[]): number {
  return treesOf(allStats(), roots).reduce(
    (sum, { pid }) => sum + parseKilobytes(readOr(`/proc/${String(pid)}/smaps_rollup`), 'Pss'),
    0,
  );
}

/** The largest resident set that the processes ever had, in bytes; without their children. */
export function peakResidentBytesOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + parseKilobytes(readOr(`/proc/${String(pid)}/status`), 'VmHWM'), 0);
}

/** Parent of a process on this machine, where its program has the given name; undefined otherwise. */
export function parentOf(pid: number, program: string): number | undefined {
  if (readOr(`/proc/${String(pid)}/comm`).trim() !== program) return undefined;
  return parseStat(readOr(`/proc/${String(pid)}/stat`))?.parent;
}

/** Whether this machine tells what the experiment must know. */
export function isMeasurable(): boolean {
  return readOr('/proc/self/smaps_rollup') !== '';
}
