// An actor, an action and what it is done to in; whether it is allowed, and by which rule, out. Deny by default.
import type { Actor, Role } from './actor.js';

/** Every action that a route or a resolver can ask for. */
export const ACTIONS = [
  'fleet:read',
  'fleet:freeze',
  'clusters:read',
  'clusters:write',
  'applications:read',
  'applications:sync',
  'applications:delete',
  'applicationsets:read',
  'applicationsets:delete',
  'projects:read',
  'projects:delete',
  'generatorinputs:read',
  'generatorinputs:delete',
  'intent:apply',
  'deletions:approve',
  'metrics:read',
  'session:read',
  'session:end',
  'tokens:read',
  'tokens:write',
] as const;

export type Action = (typeof ACTIONS)[number];

/** What the action is done to. Nothing of it decides yet; rules by project read it later, in this one place. */
export interface Subject {
  readonly name?: string;
  readonly project?: string;
}

/** `rule` names the grant that allowed it; `reason` says what is missing. */
export type Decision =
  { readonly allowed: true; readonly rule: string } | { readonly allowed: false; readonly reason: string };

const READS: ReadonlySet<Action> = new Set<Action>([
  'fleet:read',
  'clusters:read',
  'applications:read',
  'applicationsets:read',
  'projects:read',
  'generatorinputs:read',
  'metrics:read',
  'session:read',
  'session:end',
]);

/** What each role may do. An action that stands in no list is refused. */
const GRANTS: Readonly<Record<Role, ReadonlySet<Action>>> = {
  admin: new Set<Action>(ACTIONS),
  readonly: READS,
};

/**
 * Whether the actor may do this. Pure: the same three values always give the same answer.
 * The subject decides nothing while roles are the only grants; it is asked for so that callers need not change when projects have rules.
 */
export function decide(actor: Actor, action: Action, subject: Subject = {}): Decision {
  const grants = Object.hasOwn(GRANTS, actor.role) ? GRANTS[actor.role] : undefined;
  if (grants?.has(action) === true) return { allowed: true, rule: `role:${actor.role}` };
  const target = subject.name === undefined ? '' : ` on "${subject.name}"`;
  return { allowed: false, reason: `the role ${actor.role} has no grant for ${action}${target}; ask an administrator` };
}
