// An expansion and what writing it came to in, everything that the author of the set should know out. Pure.
import type { SetChangeResult } from '../ports.js';
import type { ExpandIssue, Expansion } from '../types.js';
import { NAME_TAKEN } from './conditions.js';

/** Issues of the expansion, of its rules, and of names that were not free; an empty result says how many Applications it concerns. */
export function issuesOf(expansion: Expansion, result: SetChangeResult): readonly ExpandIssue[] {
  const issues = expansion.issues.map((issue) => (issue.code === 'EmptyResult' ? withCount(issue, result) : issue));
  return [...issues, ...result.issues, ...result.refused.map(takenIssue)];
}

function withCount(issue: ExpandIssue, { removed, held }: SetChangeResult): ExpandIssue {
  const total = held?.total ?? 0;
  if (total > 0)
    return { ...issue, message: `no Application results. ${counted(total)} would go, and wait for an approval.` };
  if (removed.length > 0) return { ...issue, message: `no Application results. ${counted(removed.length)} go.` };
  return { ...issue, message: 'no Application results. There is none to remove.' };
}

function counted(count: number): string {
  return count === 1 ? '1 that exists' : `${String(count)} that exist`;
}

function takenIssue({ name, reason }: SetChangeResult['refused'][number]): ExpandIssue {
  const message = `${name} is not written: ${reason}`;
  return { severity: 'error', code: NAME_TAKEN, message, pointer: '/spec/template/metadata/name', application: name };
}
