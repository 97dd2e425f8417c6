// An expansion and what projects refuse of it in, the same expansion with the refused Applications invalid out. Pure.
import type { Refusal } from '../ports.js';
import type { ExpandIssue, Expansion } from '../types.js';

/** Code of the issue of an Application that its project does not permit. */
export const PROJECT_DENIED = 'ProjectDenied';
/** Refusals beyond this many are counted, not listed. */
const MAX_LISTED = 100;

/** A refused Application is neither written nor removed. Answers the names of the projects that refused one besides. */
export function admit(
  expansion: Expansion,
  refusals: readonly Refusal[],
): { readonly expansion: Expansion; readonly denied: readonly string[] } {
  if (refusals.length === 0) return { expansion, denied: [] };
  const byName = new Map(refusals.map((refusal) => [refusal.name, refusal]));
  const denied = new Set<string>();
  const applications = expansion.applications.map((entry) => {
    if (!entry.valid || !byName.has(entry.application.metadata.name)) return entry;
    denied.add(entry.application.spec.project);
    return { ...entry, valid: false };
  });
  const issues = [...byName.values()].slice(0, MAX_LISTED).map(issueOf);
  const more = byName.size - issues.length;
  return {
    expansion: { applications, issues: [...expansion.issues, ...issues, ...(more > 0 ? [moreIssue(more)] : [])] },
    denied: [...denied].sort(),
  };
}

function issueOf({ name, message }: Refusal): ExpandIssue {
  return { severity: 'error', code: PROJECT_DENIED, message, pointer: '/spec/template/spec', application: name };
}

function moreIssue(count: number): ExpandIssue {
  const message = `(and ${String(count)} more Applications that their projects do not permit)`;
  return { severity: 'warning', code: 'MoreIssues', message, pointer: '' };
}
