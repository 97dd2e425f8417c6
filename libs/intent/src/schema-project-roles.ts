// The schema of the roles of a project, by the rules of its Argo CD peer: a role speaks of its own project only.
import type { z } from 'zod';
import { refuseDoubles } from './schema-project-parts.js';
import { closed, jsonValue, listOf, text, texts } from './schema-parts.js';
import type { ProjectRole } from './types-project.js';

const ROLE_NAME = /^[a-zA-Z0-9]([-_a-zA-Z0-9]*[a-zA-Z0-9])?$/;
const ACTION = /^(?:\*|get|create|update|delete|sync|rollback|override|invoke|(?:action|update|delete)\/\S+)$/;
/** What a role of a project can be about, and whether its objects are `<project>/[<namespace>/]<name>`. */
const RESOURCES: ReadonlyMap<string, boolean> = new Map([
  ['applications', true],
  ['applicationsets', true],
  ['logs', true],
  ['exec', true],
  ['clusters', false],
  ['repositories', false],
]);

const groups = texts.superRefine((value, context) => {
  refuseDoubles(context, value, (group) => `names the group "${group}" twice`);
  for (const [index, group] of value.entries()) {
    const problem = groupProblem(group);
    if (problem !== undefined) context.addIssue({ code: 'custom', path: [index], message: problem });
  }
});

function groupProblem(group: string): string | undefined {
  const trimmed = group.trim();
  const isQuoted = trimmed.length > 1 && trimmed.startsWith('"') && trimmed.endsWith('"');
  const name = isQuoted ? trimmed.slice(1, -1) : trimmed;
  if (name === '') return 'is empty: name a group';
  if (!isQuoted && name.includes(',')) return 'holds a comma: put the name of the group in double quotes';
  return /[\n\r\t]/.test(name) ? 'holds a line break or a tab' : undefined;
}

/** One role. Tokens that upstream issued are taken and left out: the hub issues its own. */
export const role = closed({
  name: text
    .max(253, 'is longer than 253 characters')
    .regex(ROLE_NAME, 'must be letters, digits, "-" and "_", and begin and end with a letter or a digit'),
  description: text.nullish(),
  policies: texts
    .superRefine((value, context) => refuseDoubles(context, value, () => 'is the same policy as one before'))
    .nullish(),
  groups: groups.nullish(),
  jwtTokens: jsonValue.nullish(),
}).transform(({ jwtTokens: _tokens, ...rest }): ProjectRole => rest);

export const roles = listOf(role).superRefine((value, context) =>
  refuseDoubles(
    context,
    value.map(({ name }) => name),
    (name) => `is a second role "${name}": give it another name`,
  ),
);

/** Refuses policies that are none, or that speak of another project or role. They can be checked only beside the name of the project. */
export function refusePolicies(
  context: z.core.$RefinementCtx,
  project: string,
  declared: readonly ProjectRole[],
): void {
  for (const [at, { name, policies }] of declared.entries()) {
    for (const [index, policy] of (policies ?? []).entries()) {
      const problem = policyProblem(policy, project, name);
      if (problem !== undefined)
        context.addIssue({ code: 'custom', path: ['spec', 'roles', at, 'policies', index], message: problem });
    }
  }
}

function policyProblem(policy: string, project: string, name: string): string | undefined {
  const parts = policy.split(',').map((part) => part.trim());
  const [type, subject, resource, action, object, effect] = parts;
  const wanted = `proj:${project}:${name}`;
  if (parts.length !== 6 || type !== 'p')
    return `must be of the form "p, ${wanted}, <resource>, <action>, <object>, allow|deny"`;
  if (subject !== wanted) return `must be about "${wanted}", the role that it stands in`;
  const isNamed = RESOURCES.get(resource ?? '');
  if (isNamed === undefined) return `has an unknown resource: take one of ${[...RESOURCES.keys()].join(', ')}`;
  if (!ACTION.test(action ?? ''))
    return 'has an unknown action: take get, create, update, delete, sync, rollback, override, invoke, action/<group>/<kind>/<name> or *';
  if (!isInside(object ?? '', project, isNamed))
    return `must be about objects of this project: "${project}/*", "${project}/<name>"${isNamed ? ` or "${project}/<namespace>/<name>"` : ''}`;
  return effect === 'allow' || effect === 'deny' ? undefined : 'must end with allow or deny';
}

function isInside(object: string, project: string, isNamed: boolean): boolean {
  if (!object.startsWith(`${project}/`)) return false;
  const rest = object.slice(project.length + 1);
  return isNamed ? /^(?:[*\w.-]+\/)?[*\w.-]+$/.test(rest) : /^\S+$/.test(rest);
}
