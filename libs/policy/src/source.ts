// A project and the address of a repository in, whether the project permits it out (`compatibility.md` 2.9).
import { normaliseRepoUrl } from '@wheelwright/kernel';
import type { AppProject } from '@wheelwright/intent';
import { compileAll, compilePattern } from './patterns.js';
import type { Violation } from './types.js';

/** Checks one repository: some pattern allows it, none denies it. `*` does not cross a `/`, `**` does. */
export function permitsSource(project: AppProject, repoURL: string): readonly Violation[] {
  const { patterns, problems } = compileAll(
    (project.spec.sourceRepos ?? []).map((text) => compilePattern(text, { separators: '/', normalise: comparable })),
  );
  if (problems.length > 0) return problems.map((message) => violation(project, message));
  const subject = subjectOf(repoURL);
  if (subject === undefined) return [violation(project, 'the address of the repository cannot be read')];
  if (patterns.some((pattern) => pattern.denies && pattern.matches(subject))) {
    return [violation(project, `the repository ${subject} is denied`)];
  }
  if (patterns.some((pattern) => !pattern.denies && pattern.matches(subject))) return [];
  return [violation(project, `the repository ${subject} is not permitted: add it to sourceRepos`)];
}

function violation(project: AppProject, message: string): Violation {
  return { rule: 'sourceRepos', message: `project ${project.metadata.name}: ${message}` };
}

/** The repository in the one form that its identity has, so that no other spelling passes by a denial. */
function subjectOf(repoURL: string): string | undefined {
  try {
    return comparable(normaliseRepoUrl(repoURL));
  } catch {
    return undefined;
  }
}

/** The form in which addresses and patterns are compared: lower case, scp form as ssh, no user of http(s), no final `/` and `.git`. */
function comparable(text: string): string {
  const lower = text.trim().toLowerCase();
  const scp = /^([^@/:]+@[^/:]+):(?!\/\/)(.*)$/.exec(lower);
  const local = lower.startsWith('/') ? `file://${lower}` : lower;
  const url = scp === null ? local : `ssh://${scp[1] ?? ''}/${(scp[2] ?? '').replace(/^\/+/, '')}`;
  return url
    .replace(/^(https?:\/\/)[^/@]*@/, '$1')
    .replace(/^(https:\/\/[^/]*):443(?=\/|$)/, '$1')
    .replace(/^(ssh:\/\/[^/]*):22(?=\/|$)/, '$1')
    .replace(/\/$/, '')
    .replace(/\.git$/, '');
}
