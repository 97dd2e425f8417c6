// An actor, an action and what it is done to in; whether it is allowed, and by which rule, out. Deny by default.
import { isRole, type Actor, type ProjectRights, type Role } from './actor.js';
import { decideProjectRole } from './project-roles.js';
import { policyObject, reachOf } from './reach.js';
import { POLICY_VERBS, type PolicyResource, type PolicyVerb } from './role-actions.js';

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

/** What the action is done to, where that is known. The roles of the hub ask nothing of it; a project role decides by it. */
export interface Subject {
  /** Absent: whatever the action is about. */
  readonly resource?: PolicyResource;
  readonly name?: string;
  /** Absent: the project's own. */
  readonly namespace?: string;
  readonly project?: string;
  /** Of `intent:apply`: whether the object is new. */
  readonly verb?: 'create' | 'update';
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
 * Without a project in the subject, a project role is let through where some object could be permitted: whoever knows the object asks again.
 */
export function decide(actor: Actor, action: Action, subject: Subject = {}): Decision {
  if (!isRole(actor.role)) return decideByProject(actor, action, subject);
  if (GRANTS[actor.role].has(action)) return { allowed: true, rule: `role:${actor.role}` };
  const target = subject.name === undefined ? '' : ` on "${subject.name}"`;
  return { allowed: false, reason: `the role ${actor.role} has no grant for ${action}${target}; ask an administrator` };
}

function decideByProject({ role, rights }: Actor, action: Action, subject: Subject): Decision {
  const verbs = rights !== undefined && Object.hasOwn(POLICY_VERBS, action) ? POLICY_VERBS[action] : 'nobody';
  if (verbs === 'everybody') return { allowed: true, rule: role };
  const refused = {
    allowed: false,
    reason: `the role ${role} has no grant for ${action}; ask an administrator`,
  } as const;
  if (rights === undefined || verbs === 'nobody') return refused;
  const asked = verbs.filter((verb) => isAsked(verb, subject));
  if (subject.project === undefined) {
    const found = asked.find((verb) => reachOf(rights, verb).kind !== 'none');
    return found === undefined ? refused : { allowed: true, rule: `${role}: ${found.resource}, ${found.action}` };
  }
  if (subject.project !== rights.project || subject.name === undefined) return refused;
  return decideOn(rights, asked, subject) ?? refused;
}

function isAsked({ resource, action }: PolicyVerb, subject: Subject): boolean {
  return (
    (subject.resource === undefined || subject.resource === resource) &&
    (subject.verb === undefined || subject.verb === action)
  );
}

/** The first answer that allows; without one the first that says what is missing. */
function decideOn(rights: ProjectRights, verbs: readonly PolicyVerb[], subject: Subject): Decision | undefined {
  const { name = '', namespace } = subject;
  const answers = verbs.map((verb): Decision => {
    const near = { name, ...(namespace === undefined ? {} : { namespace }) };
    const object = verb.resource === 'projects' ? name : policyObject(rights, near);
    const decision = decideProjectRole(rights.grants, rights.role, { ...verb, object });
    return decision.allowed
      ? { allowed: true, rule: `proj:${rights.project}:${rights.role}: ${decision.rule}` }
      : decision;
  });
  return answers.find(({ allowed }) => allowed) ?? answers[0];
}
