// A drift that comes back after a repair, and who makes it.
import { contestText, type Plan } from '@wheelwright/plan';
import type { Decision } from '@wheelwright/rollout';
import type { Fact } from './desired.js';
import type { DueApplication } from './load.js';

const CONTESTED = 'SelfHealContested';
/** As long as the repairs of a drift count as one row: then it is over. */
const QUIET_MS = 330_000;

export interface ContestNow {
  readonly plan: Plan;
  readonly decision: Decision;
  readonly nowMs: number;
}

/** Says who changes again what was repaired before. Between two repairs it stays said, until it was quiet for a while. */
export function contestedFacts(due: DueApplication, { plan, decision, nowMs }: ContestNow): readonly Fact[] {
  const heals = due.attempt?.heals ?? 0;
  const isHeal = decision.kind === 'sync' ? decision.attempt.heals > 1 : heals > 0;
  const text = isHeal ? contestText(plan) : undefined;
  if (text !== undefined) return [{ type: CONTESTED, message: text }];
  const isRecent = heals > 1 && nowMs - (due.attempt?.endedAtMs ?? 0) < QUIET_MS;
  return due.conditions.filter(({ type }) => isRecent && type === CONTESTED);
}
