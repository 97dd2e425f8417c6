// A project, an Application and a time in; whether its sync windows let it sync, and until when, out (`compatibility.md` 2.9).
import type { AppProject, SyncWindow } from '@wheelwright/intent';
import type { WindowVerdict, WindowVerdicts } from '@wheelwright/rollout';
import { matchesAny } from './patterns.js';
import { timesOf, type WindowTimes } from './window-times.js';

/** What the selectors of windows look at. */
export interface WindowSubject {
  /** Name of the Application. */
  readonly application: string;
  /** Namespace of its destination, or empty. */
  readonly namespace: string;
  /** Name and address of its spoke. */
  readonly cluster: string;
  readonly server: string;
}

/** Who syncs, and when, in milliseconds since the epoch. */
export interface SyncMoment {
  readonly nowMs: number;
  /** A person asked for it. */
  readonly manual: boolean;
}

/** How far ahead a change of the verdict is looked for. */
const HORIZON_MS = 400 * 86_400_000;
/** And through how many changes of windows that leave the verdict as it is. */
const MAX_CHANGES = 200;

interface Relevant {
  readonly window: SyncWindow;
  readonly times: WindowTimes;
}

/** Whether a window is active at a time, in milliseconds since the epoch: an allowing one allows, a denying one denies. */
export function isWindowActive(window: SyncWindow, atMs: number): boolean {
  return timesOf(window).isActive(atMs);
}

/** The windows of a project that concern an Application: any selector matches, or with `andOperator` all that are given. */
export function relevantWindows(project: AppProject, subject: WindowSubject): readonly SyncWindow[] {
  return (project.spec.syncWindows ?? []).filter((window) => concerns(window, subject));
}

/**
 * Whether a sync may begin. Without relevant windows it may. An active denying window blocks, whatever allows; where there are allowing windows, one
 * of them has to be active. People may sync all the same where every window in the way has `manualSync`. `untilMs` is when the verdict changes: it
 * is always later than now, and the verdict is the same until then. It is looked for 400 days ahead.
 */
export function windowVerdict(project: AppProject, subject: WindowSubject, moment: SyncMoment): WindowVerdict {
  return verdictOf(project, readWindows(project, subject), moment);
}

/** A sync that runs: when it began, and who began it. */
export interface RunningSync {
  readonly startedAtMs: number;
  readonly automated: boolean;
}

/** Everything that the decision about a sync needs, at one time. */
export function windowVerdicts(
  project: AppProject,
  subject: WindowSubject,
  at: { readonly nowMs: number; readonly running?: RunningSync | undefined },
): WindowVerdicts | undefined {
  const windows = readWindows(project, subject);
  if (windows.length === 0) return undefined;
  return {
    automated: verdictOf(project, windows, { nowMs: at.nowMs, manual: false }),
    manual: verdictOf(project, windows, { nowMs: at.nowMs, manual: true }),
    mayOverrun: at.running !== undefined && overruns(windows, at.running, at.nowMs),
  };
}

/**
 * Whether a sync that runs may go on although a new one might not begin: it was allowed when it began, and every window in its way (each active
 * denying one, and each allowing one where none is active) has `syncOverrun`.
 */
export function mayOverrun(
  project: AppProject,
  subject: WindowSubject,
  at: { readonly nowMs: number; readonly running: RunningSync },
): boolean {
  return overruns(readWindows(project, subject), at.running, at.nowMs);
}

function readWindows(project: AppProject, subject: WindowSubject): readonly Relevant[] {
  return relevantWindows(project, subject).map((window) => ({ window, times: timesOf(window) }));
}

/** Globs were checked when they were applied; one that cannot be read counts as a match, since a window that concerns more never permits more. */
function concerns(window: SyncWindow, subject: WindowSubject): boolean {
  const matches = [
    given(window.applications, (globs) => matchesAny(globs, subject.application, true)),
    given(window.namespaces, (globs) => matchesAny(globs, subject.namespace, true)),
    given(
      window.clusters,
      (globs) => matchesAny(globs, subject.cluster, true) || matchesAny(globs, subject.server, true),
    ),
  ].filter((match) => match !== undefined);
  if (matches.length === 0) return false;
  return window.andOperator === true ? matches.every(Boolean) : matches.some(Boolean);
}

function given(globs: readonly string[] | undefined, test: (globs: readonly string[]) => boolean): boolean | undefined {
  return globs === undefined || globs.length === 0 ? undefined : test(globs);
}

/** The windows in the way at a time: active denying ones, and allowing ones where none of them is active. */
function inTheWay(
  windows: readonly Relevant[],
  atMs: number,
): { readonly denying: readonly SyncWindow[]; readonly allowing: readonly SyncWindow[] } {
  const active = windows.filter(({ times }) => times.isActive(atMs)).map(({ window }) => window);
  const isOpen = active.some(({ kind }) => kind === 'allow');
  return {
    denying: active.filter(({ kind }) => kind === 'deny'),
    allowing: isOpen ? [] : windows.map(({ window }) => window).filter(({ kind }) => kind === 'allow'),
  };
}

/** The windows that block, of those in the way: denials first, and alone. None where a person may pass them. */
function blocking(windows: readonly Relevant[], { nowMs, manual }: SyncMoment): readonly SyncWindow[] {
  const { denying, allowing } = inTheWay(windows, nowMs);
  const first = denying.length > 0 ? denying : allowing;
  return manual && first.every(({ manualSync }) => manualSync === true) ? [] : first;
}

function overruns(windows: readonly Relevant[], running: RunningSync, nowMs: number): boolean {
  const started = { nowMs: running.startedAtMs, manual: !running.automated };
  if (blocking(windows, started).length > 0) return false;
  const { denying, allowing } = inTheWay(windows, nowMs);
  return [...denying, ...allowing].every(({ syncOverrun }) => syncOverrun === true);
}

function verdictOf(project: AppProject, windows: readonly Relevant[], moment: SyncMoment): WindowVerdict {
  if (windows.length === 0) return { allowed: true };
  const blockers = blocking(windows, moment);
  const { untilMs, isKnown } = changeOf(windows, moment, blockers.length === 0);
  if (blockers.length === 0) return { allowed: true, untilMs };
  const until = isKnown ? `, until ${new Date(untilMs).toISOString()}` : '';
  return { allowed: false, reason: `project ${project.metadata.name}: ${reasonOf(blockers)}${until}`, untilMs };
}

/** When the verdict changes; where it is not known, a time until which it does not. */
function changeOf(
  windows: readonly Relevant[],
  moment: SyncMoment,
  isAllowed: boolean,
): { readonly untilMs: number; readonly isKnown: boolean } {
  const horizonMs = moment.nowMs + HORIZON_MS;
  const ahead = (times: WindowTimes, atMs: number): number => times.nextChange(atMs, horizonMs) ?? horizonMs;
  let changes = windows.map(({ times }) => ahead(times, moment.nowMs));
  for (let count = 0; count < MAX_CHANGES; count += 1) {
    const atMs = Math.min(...changes);
    if (atMs >= horizonMs) return { untilMs: horizonMs, isKnown: false };
    if ((blocking(windows, { ...moment, nowMs: atMs }).length === 0) !== isAllowed)
      return { untilMs: atMs, isKnown: true };
    changes = windows.map(({ times }, index) => {
      const change = changes[index] ?? atMs;
      return change > atMs ? change : ahead(times, atMs);
    });
  }
  return { untilMs: Math.min(...changes), isKnown: false };
}

function reasonOf(blockers: readonly SyncWindow[]): string {
  const [first] = blockers;
  if (first === undefined) return '';
  const others = blockers.length > 1 ? ` (and ${String(blockers.length - 1)} more)` : '';
  const label = `"${first.schedule}" for ${first.duration} (${first.timeZone || 'UTC'})`;
  const description = first.description ? `: ${first.description}` : '';
  return first.kind === 'deny'
    ? `the deny window ${label}${description}${others} is active`
    : `no allow window is active, such as ${label}${description}${others}`;
}
