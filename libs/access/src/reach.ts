// The rights of a project role and a verb in; which objects of the project it reaches, as patterns that SQL can ask, out.
import { AppError } from '@wheelwright/kernel';
import type { ProjectRights } from './actor.js';
import { globPattern } from './glob-pattern.js';
import { concerns, decideProjectRole, type ProjectGrant } from './project-roles.js';
import type { PolicyVerb } from './role-actions.js';

/**
 * Objects within one project. `some`: those whose name in policies matches an expression of `allow` and none of `deny`; the expressions are
 * Postgres's.
 */
export type Reach =
  | { readonly kind: 'none' }
  | { readonly kind: 'all' }
  | { readonly kind: 'some'; readonly allow: readonly string[]; readonly deny: readonly string[] };

/** What a role reaches with a verb. For each object it comes to the answer of {@link decideProjectRole}. */
export function reachOf(rights: ProjectRights, verb: PolicyVerb): Reach {
  if (verb.resource === 'projects') {
    const wanted = { ...verb, object: rights.project };
    return { kind: decideProjectRole(rights.grants, rights.role, wanted).allowed ? 'all' : 'none' };
  }
  const concerned = rights.grants.filter((grant) => grant.role === rights.role && concerns(grant, verb));
  const allowed = concerned.filter(({ effect }) => effect === 'allow');
  const deny = concerned.filter(({ effect }) => effect === 'deny').map(patternOf);
  // A denial that cannot be read denies everything; a permission that cannot be read permits nothing.
  if (deny.includes(undefined)) return { kind: 'none' };
  const allow = allowed.map(patternOf).filter((pattern) => pattern !== undefined);
  if (allow.length === 0) return { kind: 'none' };
  const isWhole = allowed.some(({ object }) => object === `${rights.project}/*`);
  if (isWhole && deny.length === 0) return { kind: 'all' };
  return { kind: 'some', allow, deny: deny.filter((pattern) => pattern !== undefined) };
}

/** What policies call an object of the project: `<project>/<name>`, with its namespace where that is not the project's own. */
export function policyObject(
  rights: Pick<ProjectRights, 'project' | 'namespace'>,
  { name, namespace }: { readonly name: string; readonly namespace?: string },
): string {
  const isNear = namespace === undefined || namespace === rights.namespace;
  return isNear ? `${rights.project}/${name}` : `${rights.project}/${namespace}/${name}`;
}

function patternOf({ object }: ProjectGrant): string | undefined {
  try {
    return globPattern(object);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
