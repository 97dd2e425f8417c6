// One object by name, a caller and what the caller wants with it in; nothing, or the refusal, out.
import { isRole, type Actor, type PolicyVerb } from '@wheelwright/access';
import { AppError } from '@wheelwright/kernel';
import type { PoolClient } from 'pg';
import { grantsPredicate } from '../graphql/grants.js';
import { Params } from '../graphql/reader.js';

/** What somebody wants with an object. */
export interface NamedAsk {
  readonly resource: 'applications' | 'applicationsets';
  readonly verb: PolicyVerb['action'];
  readonly name: string;
}

const KINDS = { applications: 'Application', applicationsets: 'ApplicationSet' } as const;

/**
 * Lets a caller go on whose role permits this on the object, which stays locked until the transaction ends. Throws `NotFound`, with the words of the
 * catalogue, where there is none or the caller may not see it, and `Forbidden` where it is seen. The roles of the hub were asked before.
 */
export async function assertMay(client: PoolClient, actor: Actor, ask: NamedAsk): Promise<void> {
  if (isRole(actor.role)) return;
  const params = new Params();
  const grants = grantsPredicate(actor);
  const named = params.bind(ask.name);
  const isSet = ask.resource === 'applicationsets';
  const permitted = isSet ? grants.sets(params, ask.verb) : grants.applications(params, ask.verb);
  const visible = isSet ? grants.sets(params) : grants.applications(params);
  const [table, alias] = isSet ? ['application_sets', 't'] : ['applications', 'a'];
  const strays = isSet ? strayApplications(params, actor) : 'false';
  const { rows } = await client.query<{ permitted: boolean; strays: boolean }>(
    `SELECT ${permitted} AS permitted, ${strays} AS strays FROM ${table} ${alias}
     WHERE ${alias}.name = ${named} AND (${permitted} OR ${visible}) FOR UPDATE`,
    params.values,
  );
  const [row] = rows;
  if (row === undefined) throw new AppError('NotFound', `there is no ${KINDS[ask.resource]} ${ask.name}`);
  if (!row.permitted) throw forbidden(actor, ask);
  if (row.strays)
    throw new AppError(
      'Forbidden',
      `Not allowed: ApplicationSet ${ask.name} has Applications of other projects; ask an administrator`,
    );
}

/** Whether a set `t` has Applications outside of the project of the role: its owner could be another team. */
function strayApplications(params: Params, { rights }: Actor): string {
  const project = params.bind(rights?.project ?? '');
  return `EXISTS (SELECT 1 FROM applications other WHERE other.set_id = t.id AND other.project <> ${project})`;
}

/** The refusal of what a caller may see and not do. */
export function forbidden({ role }: Actor, { resource, verb, name }: NamedAsk): AppError {
  return new AppError(
    'Forbidden',
    `Not allowed: no policy of ${role} permits "${resource}, ${verb}" on "${name}"; ask an administrator`,
  );
}
