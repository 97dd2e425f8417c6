// A project and the namespace of an Application in, whether Applications of the project may be there out (`compatibility.md` 2.9).
import type { AppProject } from '@wheelwright/intent';
import { RE2JS, RE2JSSyntaxException } from 're2js';
import { matchesAny } from './patterns.js';
import type { Violation } from './types.js';

/**
 * Checks the namespace that an Application stands in. The control namespace, which is the one of the project, is always permitted; any other one
 * must match a glob of `sourceNamespaces`, or a `/regular expression/`, which may match a part of the name, as in Argo CD.
 */
export function permitsSourceNamespace(project: AppProject, namespace: string): readonly Violation[] {
  const { name, namespace: controlNamespace } = project.metadata;
  if (namespace === controlNamespace) return [];
  if ((project.spec.sourceNamespaces ?? []).some((pattern) => matches(pattern, namespace))) return [];
  return [
    {
      rule: 'sourceNamespaces',
      message: `project ${name}: Applications in the namespace "${namespace}" are not permitted: add it to sourceNamespaces`,
    },
  ];
}

function matches(pattern: string, namespace: string): boolean {
  if (!(pattern.length > 2 && pattern.startsWith('/') && pattern.endsWith('/')))
    return matchesAny([pattern], namespace, false);
  try {
    return RE2JS.compile(pattern.slice(1, -1)).matcher(namespace).find();
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return false;
    throw error;
  }
}
