// Desired objects, inventory, observation and the spoke's answers in; exactly what would change, in order, out.
import { AppError, formatResourceKey, MANAGED_BY_LABEL, parseTrackingId, type ResourceKey } from '@wheelwright/kernel';
import type { Observed } from '@wheelwright/observe';
import { compareObjects } from './compare.js';
import { ignoreRulesOf } from './comparing.js';
import { expressionWarnings, type IgnoreRules } from './ignore.js';
import { orderTargets } from './order.js';
import { otherOwner, trackingIdOf } from './ownership.js';
import { ITSELF, prunesOf } from './prune.js';
import { isUnchanged, mayRecreate, namespaceExists, type Sighting } from './questions.js';
import { respectIgnored } from './respect.js';
import { digestOfEntries } from './summary.js';
import type { Answer, FieldDifference, Plan, PlanEntry, PlanInput, PlanProblem, PlanWarning, Target } from './types.js';

/**
 * Plans. Every question of `questionsOf` for the same input must have its answer (keyed by `formatResourceKey`); throws PlanFailed otherwise,
 * because an answer that is missing is not an answer that says "nothing there".
 */
export function plan(input: PlanInput, answers: ReadonlyMap<string, Answer>): Plan {
  const context = new PlanContext(input, answers);
  const targets = orderTargets(input.targets).flatMap((target) => context.entriesOf(target));
  const prunes = prunesOf(input, answers);
  const entries = merge(targets, prunes.entries);
  return {
    entries,
    released: [...prunes.released, ...context.released],
    warnings: [
      ...context.rules.warnings,
      ...expressionWarnings([...answers.values()].flatMap(({ named }) => named ?? [])),
      ...context.warnings,
      ...prunes.entries.flatMap(warningOfItself),
    ],
    problems: context.problems,
    digest: digestOfEntries(entries),
  };
}

/** Wave by wave; within a wave prunes come first. */
function merge(targets: readonly PlanEntry[], prunes: readonly PlanEntry[]): readonly PlanEntry[] {
  const waves = [...new Set([...targets, ...prunes].map(({ wave }) => wave))].sort((a, b) => a - b);
  return waves.flatMap((wave) => [...prunes, ...targets].filter((entry) => entry.wave === wave));
}

function warningOfItself({ key, reason }: PlanEntry): readonly PlanWarning[] {
  return reason === ITSELF ? [{ type: 'SelfPruneWarning', message: `${formatResourceKey(key)}: ${ITSELF}` }] : [];
}

class PlanContext {
  readonly warnings: PlanWarning[] = [];
  readonly problems: PlanProblem[] = [];
  readonly released: Plan['released'][number][] = [];
  readonly rules: IgnoreRules;
  private readonly known: ReadonlyMap<string, PlanInput['known'][number]>;

  constructor(
    private readonly input: PlanInput,
    private readonly answers: ReadonlyMap<string, Answer>,
  ) {
    this.rules = ignoreRulesOf(input);
    this.known = new Map(input.known.map((object) => [formatResourceKey(object.key), object]));
  }

  /** The entry of a target; none for a namespace that is there, and that nobody asked us to manage. */
  entriesOf(target: Target): readonly PlanEntry[] {
    return target.implicitNamespace === 'bare' ? this.bareNamespace(target) : [this.entryOf(target)];
  }

  private entryOf(target: Target): PlanEntry {
    const text = formatResourceKey(target.key);
    const sighting: Sighting = {
      known: this.known.get(text),
      observed: this.input.observed.get(text),
      input: this.input,
    };
    const { observed } = sighting;
    if (observed !== undefined) {
      const owner = otherOwner(target.key, observed.trackingId, this.input);
      if (owner !== undefined) return this.shared(target, owner);
      if (observed.deleting) return skipped(target, 'it is being deleted; it is created again when it is gone');
    }
    const answer = this.answers.get(text);
    if (target.options.write !== 'always') return leftAlone(target, observed, answer);
    if (answer !== undefined) return this.answered(target, answer, { isObserved: observed !== undefined });
    if (observed === undefined && target.implicitNamespace === undefined && this.input.thorough !== true)
      return created(target);
    if (this.input.thorough !== true && observed !== undefined && isUnchanged(target, sighting)) {
      return unchanged(target, { uid: observed.uid, fingerprint: observed.fingerprint });
    }
    throw unanswered(target.key);
  }

  private bareNamespace(target: Target): readonly PlanEntry[] {
    const text = formatResourceKey(target.key);
    const observed = this.input.observed.get(text);
    if (observed !== undefined) return [unchanged(target, { uid: observed.uid, fingerprint: observed.fingerprint })];
    const answer = this.answers.get(text);
    const isThere = namespaceExists(target.key, this.input.observed);
    if (!isThere && answer === undefined) throw unanswered(target.key);
    if (!isThere && answer?.live === undefined) return [created(target)];
    if (this.known.has(text)) this.released.push({ key: target.key, reason: 'it no longer carries our label' });
    return [];
  }

  private shared(target: Target, owner: string): PlanEntry {
    const message = `${target.key.kind} ${formatResourceKey(target.key)} belongs to the Application ${owner}, and is left to it`;
    this.warnings.push({ type: 'SharedResourceWarning', message });
    if (target.options.failOnSharedResource)
      this.problems.push({ key: target.key, message: `${message} (FailOnSharedResource=true)` });
    return skipped(target, `it belongs to the Application ${owner}`);
  }

  private answered(target: Target, answer: Answer, { isObserved }: { readonly isObserved: boolean }): PlanEntry {
    if (answer.refused !== undefined) {
      const again = this.recreated(target, answer, answer.refused);
      if (again !== undefined) return again;
      this.problems.push({ key: target.key, message: answer.refused });
      return skipped(target, answer.refused);
    }
    const { live, dryRun } = answer;
    if (live === undefined) return created(target);
    if (dryRun === undefined) throw unanswered(target.key);
    const owner = otherOwner(target.key, trackingIdOf(live), this.input);
    if (owner !== undefined && isOfThisHub(live, target)) return this.shared(target, owner);
    if (!isObserved) this.warnOfAnotherHub(target, trackingIdOf(live));
    const ignored = this.rules.fieldsOf(target.key);
    if (ignored.expressions.length > 0 && answer.named === undefined) this.unnamed(target);
    const named = answer.named === undefined ? {} : { named: answer.named };
    const differences = compareObjects({
      live,
      predicted: dryRun,
      ignored,
      ...named,
      ...(this.input.compare === undefined ? {} : { settings: this.input.compare }),
    });
    const seen = {
      live,
      fingerprint: answer.fingerprint ?? '',
      ...(live.metadata.uid === undefined ? {} : { uid: live.metadata.uid }),
    };
    if (differences.length === 0) return unchanged(target, seen);
    const contesters = contestersOf(differences);
    const desired = target.options.respectIgnoreDifferences
      ? respectIgnored({ desired: target.object, live, predicted: dryRun, ignored, ...named })
      : target.object;
    return {
      ...entry(target, 'update'),
      ...seen,
      desired,
      differences,
      ...(contesters.length === 0 ? {} : { reason: `takes fields over from ${contesters.join(', ')}` }),
    };
  }

  /** The entry of an object that is to be deleted and created again; none where that is not asked for, or would not help. */
  private recreated(
    target: Target,
    { live, recreatable, fingerprint = '' }: Answer,
    refused: string,
  ): PlanEntry | undefined {
    const uid = live?.metadata.uid;
    if (live === undefined || uid === undefined || recreatable !== true || !mayRecreate(target)) return undefined;
    const owner = otherOwner(target.key, trackingIdOf(live), this.input);
    if (owner !== undefined) return isOfThisHub(live, target) ? this.shared(target, owner) : undefined;
    const { propagation } = target.options;
    return {
      ...entry(target, 'update'),
      live,
      uid,
      fingerprint,
      recreate: propagation === 'ByKind' ? 'Background' : propagation,
      reason: `it is deleted and created again (Force=true): ${refused}`,
    };
  }

  private unnamed({ key }: Target): void {
    const message = `${formatResourceKey(key)} was compared without its jqPathExpressions, which were not run`;
    this.warnings.push({ type: 'IgnoreDifferencesWarning', message });
  }

  private warnOfAnotherHub(target: Target, trackingId: string): void {
    const tracked = parseTrackingId(trackingId);
    if (tracked === undefined || tracked.application === this.input.application) return;
    const message = `${formatResourceKey(target.key)} is tracked by the Application ${tracked.application} of another installation, and is taken over`;
    this.warnings.push({ type: 'SharedResourceWarning', message });
    if (target.options.failOnSharedResource)
      this.problems.push({ key: target.key, message: `${message} (FailOnSharedResource=true)` });
  }
}

/** Whether a live object carries our label: then its tracking id names an Application of this installation. */
function isOfThisHub(live: NonNullable<Answer['live']>, { object }: Target): boolean {
  const label = live.metadata.labels?.[MANAGED_BY_LABEL];
  return label !== undefined && label === object.metadata.labels?.[MANAGED_BY_LABEL];
}

/** Managers, other than us, that own what would change. */
function contestersOf(differences: readonly FieldDifference[]): readonly string[] {
  return [...new Set(differences.flatMap(({ contestedBy = [] }) => contestedBy))].sort();
}

/** The entry of an object that is written only where there is none of its name, or never. */
function leftAlone(target: Target, observed: Observed | undefined, answer: Answer | undefined): PlanEntry {
  if (observed !== undefined) return unchanged(target, { uid: observed.uid, fingerprint: observed.fingerprint });
  if (answer === undefined) throw unanswered(target.key);
  const { live, fingerprint = '' } = answer;
  if (live !== undefined)
    return unchanged(target, {
      live,
      fingerprint,
      ...(live.metadata.uid === undefined ? {} : { uid: live.metadata.uid }),
    });
  return target.options.write === 'ifAbsent'
    ? created(target)
    : skipped(target, 'it asks never to be written, and is not there');
}

interface Seen {
  readonly uid?: string;
  readonly live?: NonNullable<Answer['live']>;
  readonly fingerprint: string;
}

function entry(target: Target, action: PlanEntry['action']): PlanEntry {
  return {
    key: target.key,
    version: target.version,
    action,
    wave: target.wave,
    desired: target.object,
    desiredDigest: target.digest,
    fingerprint: '',
    differences: [],
  };
}

function created(target: Target): PlanEntry {
  return entry(target, 'create');
}

function unchanged(target: Target, seen: Seen): PlanEntry {
  return { ...entry(target, 'unchanged'), ...seen };
}

function skipped(target: Target, reason: string): PlanEntry {
  return { ...entry(target, 'skip'), reason };
}

function unanswered(key: ResourceKey): AppError {
  return new AppError('PlanFailed', `${formatResourceKey(key)} was to be read on the spoke, and was not`);
}
