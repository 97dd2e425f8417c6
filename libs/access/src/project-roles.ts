// The roles that a project declares in, what they may do out; and of a role, an action and an object, whether it may (`compatibility.md` 2.11).
import { AppError, compileGlob } from '@wheelwright/kernel';

/** A role as the project declares it. */
export interface DeclaredRole {
  readonly name: string;
  /** `p, proj:<project>:<role>, <resource>, <action>, <object>, allow|deny`. */
  readonly policies?: readonly string[];
  readonly groups?: readonly string[];
}

/** One policy of a role, read. Resource, action and object are globs in which `*` crosses `/`. */
export interface ProjectGrant {
  /** Name of the role within its project. */
  readonly role: string;
  readonly resource: string;
  readonly action: string;
  /** `<project>/<name>`, `<project>/<namespace>/<name>`, or `<project>` for the project itself. */
  readonly object: string;
  readonly effect: 'allow' | 'deny';
}

/** What somebody wants to do, in the words of policies: `applications`, `sync`, `shop/web`. */
export interface ProjectAction {
  readonly resource: string;
  readonly action: string;
  readonly object: string;
}

/** `rule` is the policy that allowed it; `reason` says what is missing, or which policy denied it. */
export type RoleDecision =
  { readonly allowed: true; readonly rule: string } | { readonly allowed: false; readonly reason: string };

/**
 * The policies of all roles of a project. Each role implicitly may get its project. Policies were checked when they were applied; one that is none
 * all the same, or that speaks of another project or role, grants nothing.
 */
export function projectGrants(project: string, roles: readonly DeclaredRole[]): readonly ProjectGrant[] {
  return roles.flatMap((role) => [
    { role: role.name, resource: 'projects', action: 'get', object: project, effect: 'allow' as const },
    ...(role.policies ?? []).flatMap((policy) => read(policy, project, role.name)),
  ]);
}

/** Those roles of a project that somebody has who is in these groups. */
export function projectRolesOf(roles: readonly DeclaredRole[], groups: readonly string[]): readonly string[] {
  const own = new Set(groups);
  return roles.filter((role) => (role.groups ?? []).some((group) => own.has(unquoted(group)))).map(({ name }) => name);
}

/** Whether a role may: some policy allows it, and none denies it. */
export function decideProjectRole(grants: readonly ProjectGrant[], role: string, wanted: ProjectAction): RoleDecision {
  const matching = grants.filter((grant) => grant.role === role && matches(grant, wanted));
  const denial = matching.find(({ effect }) => effect === 'deny');
  const what = `${wanted.resource}, ${wanted.action}, ${wanted.object}`;
  if (denial !== undefined)
    return { allowed: false, reason: `the role ${role} is denied "${what}" by "${textOf(denial)}"` };
  const [grant] = matching;
  return grant === undefined
    ? { allowed: false, reason: `the role ${role} has no policy that allows "${what}"` }
    : { allowed: true, rule: textOf(grant) };
}

/** Whether a policy speaks of a resource and an action, whatever the object. */
export function concerns(grant: ProjectGrant, { resource, action }: Omit<ProjectAction, 'object'>): boolean {
  return matchesGlob(grant, grant.resource, resource) && matchesGlob(grant, grant.action, action);
}

function matches(grant: ProjectGrant, wanted: ProjectAction): boolean {
  return concerns(grant, wanted) && matchesGlob(grant, grant.object, wanted.object);
}

/** A glob that cannot be read, though it was checked when it was applied, restricts: it matches where the policy denies, and only there. */
function matchesGlob({ effect }: ProjectGrant, glob: string, text: string): boolean {
  try {
    return glob === '*' || compileGlob(glob)(text);
  } catch (error) {
    if (error instanceof AppError) return effect === 'deny';
    throw error;
  }
}

function read(policy: string, project: string, role: string): readonly ProjectGrant[] {
  const parts = policy.split(',').map((part) => part.trim());
  const [type, subject, resource, action, object, effect] = parts;
  if (parts.length !== 6 || type !== 'p' || subject !== `proj:${project}:${role}`) return [];
  if (!resource || !action || object?.startsWith(`${project}/`) !== true) return [];
  return effect === 'allow' || effect === 'deny' ? [{ role, resource, action, object, effect }] : [];
}

function unquoted(group: string): string {
  const trimmed = group.trim();
  return trimmed.length > 1 && trimmed.startsWith('"') && trimmed.endsWith('"') ? trimmed.slice(1, -1) : trimmed;
}

function textOf({ resource, action, object, effect }: ProjectGrant): string {
  return `${resource}, ${action}, ${object}, ${effect}`;
}
