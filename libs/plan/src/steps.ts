// The entries of a plan and the hooks around them in; the steps of an operation, one phase and wave each, in order, out.
import type { KubeObject } from '@wheelwright/kernel';
import { HOOK_PHASES, orderHooks, type HookPhase, type HookTarget } from './hooks.js';
import { isFoundation, uses } from './order.js';
import type { PlanEntry } from './types.js';

/** What is done before the next step may begin: first the entries, then the hooks. */
export interface SyncStep {
  readonly phase: HookPhase;
  readonly wave: number;
  /** In the order of the plan. */
  readonly entries: readonly PlanEntry[];
  readonly hooks: readonly HookTarget[];
}

/**
 * The steps. A namespace or a CRD that an earlier hook lives in, or is of, is written in the step of that hook instead of its own.
 * Hooks of phases that are not given are left out.
 */
export function stepsOf(
  entries: readonly PlanEntry[],
  hooks: readonly HookTarget[],
  phases: readonly HookPhase[] = ['PreSync', 'Sync', 'PostSync'],
): readonly SyncStep[] {
  const ordered = orderHooks(hooks.filter(({ phase }) => phases.includes(phase)));
  const steps = new Map<string, { phase: HookPhase; wave: number; entries: PlanEntry[]; hooks: HookTarget[] }>();
  const at = (phase: HookPhase, wave: number): { entries: PlanEntry[]; hooks: HookTarget[] } => {
    const id = `${phase} ${String(wave)}`;
    const step = steps.get(id) ?? { phase, wave, entries: [], hooks: [] };
    steps.set(id, step);
    return step;
  };
  for (const entry of entries) {
    const user = firstUser(entry, ordered);
    at(user?.phase ?? 'Sync', user?.wave ?? entry.wave).entries.push(entry);
  }
  for (const hook of ordered) at(hook.phase, hook.wave).hooks.push(hook);
  return [...steps.values()].sort(
    (a, b) => HOOK_PHASES.indexOf(a.phase) - HOOK_PHASES.indexOf(b.phase) || a.wave - b.wave,
  );
}

/** The first hook that needs an entry to be there and comes before it. */
function firstUser(entry: PlanEntry, ordered: readonly HookTarget[]): HookTarget | undefined {
  const object: KubeObject | undefined = entry.desired;
  if (entry.action === 'prune' || object === undefined || !isFoundation(entry.key)) return undefined;
  return ordered.find(
    (hook) =>
      (hook.phase === 'PreSync' || (hook.phase === 'Sync' && hook.wave < entry.wave)) &&
      uses(hook, { key: entry.key, object }),
  );
}
