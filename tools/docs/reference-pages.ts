// The reference pages that are made from the code: the error catalogue, the routes of the REST API, and how kinds are judged.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ERRORS, type ErrorTraits } from '@wheelwright/kernel';
import { healthPage } from './health-page.js';
import { table } from './table.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const REMADE = '`UPDATE_GOLDEN=1 npx vitest run tools/docs.spec.ts`';

/** A page of the documentation: where it lies in the checkout, and what it must say. */
export interface ReferencePage {
  readonly path: string;
  readonly text: string;
}

/** Every page that is made, from the code as it is now. */
export function referencePages(): readonly ReferencePage[] {
  return [
    { path: 'docs/reference/errors.md', text: errorsPage() },
    { path: 'docs/reference/rest.md', text: restPage() },
    { path: 'docs/reference/health.md', text: healthPage() },
  ];
}

const RETRY: Readonly<Record<ErrorTraits['retry'], string>> = {
  never: 'no: change the call',
  backoff: 'yes, later',
  after: 'yes, when the peer says (`Retry-After`)',
};

function errorsPage(): string {
  const rows = Object.entries(ERRORS).map(([code, { http, retry, level, title }]) => [
    `\`${code}\``,
    title,
    String(http),
    RETRY[retry],
    level,
  ]);
  return `# Errors

Generated from \`libs/kernel/src/errors.ts\` by ${REMADE}.

One failure has one code, wherever it shows: the member \`code\` of a REST answer (RFC 9457 \`application/problem+json\`, with \`type\`
\`urn:wheelwright:error:<code>\`), \`extensions.code\` of a GraphQL error, \`code\` of a GraphQL refusal, \`reason\` of a spoke, and \`code\` in the log.

\`\`\`json
{
  "type": "urn:wheelwright:error:NotFound",
  "title": "There is no such thing",
  "status": 404,
  "instance": "984a315c-4dea-4e13-8456-11d46932025a",
  "code": "NotFound",
  "detail": "There is no cluster none."
}
\`\`\`

\`instance\` is the id of the request, found again in the log and in the header \`x-request-id\`. \`errors[]\` names each fault with its \`pointer\` (a JSON
pointer) and \`message\`; for documents of \`POST /apply\` also \`document\`, \`line\` and \`code\`. An answer with a 5xx status says no more than its code
and the id: look into the log.

${table(['Code', 'What it means', 'HTTP', 'Worth another try', 'Logged as'], rows)}
`;
}

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

function restPage(): string {
  const { paths } = JSON.parse(readFileSync(path.join(ROOT, 'apps/hub/openapi.json'), 'utf8')) as OpenApi;
  const callers = callersByRoute();
  const rows = Object.entries(paths).flatMap(([at, operations]) =>
    Object.entries(operations).map(([method, { summary = '', parameters = [] }]) => {
      const route = `${method.toUpperCase()} ${at}`;
      const options = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => `\`${name}\``);
      return [`\`${route}\``, summary, options.join(', '), callers.get(route) ?? 'unknown'];
    }),
  );
  return `# REST

Generated from \`apps/hub/openapi.json\` by ${REMADE}; a running hub serves the same description, with every schema, at
\`/api/docs\`.

\`\`\`sh
curl -sS "$HUB/api/v1/session" -H 'content-type: application/json' -d '{"username":"admin","password":"…"}'   # {"token":"…","expiresAt":"…"}
curl -sS "$HUB/api/v1/clusters" -H "authorization: Bearer $TOKEN"
\`\`\`

A session holds for 12 hours. For machines, \`POST /api/v1/tokens\` makes an API token (\`wwt_…\`) of a role: \`admin\`, \`readonly\`, or \`proj:<project>:<role>\`; its answer is the only one that ever holds it.
Errors are \`application/problem+json\` with a code of the [catalogue](errors.md). Lists come in pages: hand \`next\` to \`after\`.

_Who may call it_: \`public\` needs no token; \`readonly\` one of that role or \`admin\`; \`admin\` one of that role; \`project\` also one of a [role of a project](appproject.md#roles), as far as its policies go. A route without a policy stops the hub at its start.

${table(['Route', 'What it does', 'Query parameters', 'Who may call it'], rows)}
`;
}

/** Who may call which route, out of the matrix that the hub is tested against route by route. */
function callersByRoute(): ReadonlyMap<string, string> {
  const matrix = readFileSync(path.join(ROOT, 'apps/hub/src/policy-matrix.spec.ts'), 'utf8');
  const ofProjectRoles = new Set([...matrix.matchAll(/^ {2}'([A-Z]+ \/[^']*)',$/gm)].map(([, route = '']) => route));
  return new Map(
    [...matrix.matchAll(/^ {2}'([A-Z]+ \/[^']*)': '(public|readonly|admin)',$/gm)].map(([, route = '', who = '']) => [
      route,
      ofProjectRoles.has(route) ? `${who}, project` : who,
    ]),
  );
}
