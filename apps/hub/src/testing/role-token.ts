// Tokens of project roles, and questions asked with any token, for integration specs.
import type { ProjectRoleName } from '@wheelwright/access';
import { ApiTokens } from '@wheelwright/access/adapters';
import type { GraphqlAnswer, GraphqlHub } from './graphql-hub.js';
import { send } from './rest.js';

/** A token of a role that a project declares. */
export async function roleToken(hub: GraphqlHub, role: ProjectRoleName): Promise<string> {
  const admin = { id: 'spec', name: 'spec', role: 'admin', via: 'session' } as const;
  const { token } = await hub.app
    .get(ApiTokens, { strict: false })
    .create({ name: role.replaceAll(':', '.'), role }, admin);
  return token;
}

/** Asks the GraphQL API with a token. */
export async function askAs({ url }: Pick<GraphqlHub, 'url'>, token: string, query: string): Promise<GraphqlAnswer> {
  const { status, body } = await send(url, 'POST /graphql', { token, body: { query } });
  const { data, errors } = body as { data?: GraphqlAnswer['data']; errors?: GraphqlAnswer['errors'] };
  return { status, data: data ?? null, errors: errors ?? [] };
}
