import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestHub, type TestHub } from '../testing/test-hub.js';

const SECRET = 'a-secret-of-webhooks-0123456789';
const URL_ = 'https://git.example.com/org/platform';

let hub: TestHub;
let repository: string;
let count = 0;

beforeAll(async () => {
  hub = await startTestHub({ WHEELWRIGHT_WEBHOOK_SECRET: SECRET });
});
afterAll(() => hub.stop());

beforeEach(async () => {
  const { pool } = hub.parts.store;
  await pool.query('TRUNCATE repositories CASCADE');
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO repositories (url, next_poll_at) VALUES ($1, 'infinity') RETURNING id`,
    [URL_],
  );
  repository = rows[0]?.id ?? '';
  await pool.query(`INSERT INTO repository_refs (repository_id, revision) VALUES ($1, 'main')`, [repository]);
});

/** A push to a branch; each call makes another body. */
function push(changes: object = {}): string {
  count += 1;
  return JSON.stringify({
    ref: 'refs/heads/main',
    after: String(count),
    repository: { clone_url: `${URL_}.git`, default_branch: 'main' },
    ...changes,
  });
}

const hmac = (body: string, secret = SECRET): string => createHmac('sha256', secret).update(body).digest('hex');
const github = (body: string, secret?: string): Record<string, string> => ({
  'x-github-event': 'push',
  'x-hub-signature-256': `sha256=${hmac(body, secret)}`,
});

async function send(
  body: string,
  headers: Record<string, string>,
  to = hub.url,
): Promise<{ status: number; body: unknown; headers: Headers }> {
  const answer = await fetch(`${to}/webhooks/git`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  return { status: answer.status, body: await answer.json(), headers: answer.headers };
}

/** Whether a look at the repository was asked for: in the outbox, or relayed to the queue since. */
async function wasWoken(): Promise<boolean> {
  const deadline = performance.now() + 5_000;
  while (performance.now() < deadline) {
    const { rows } = await hub.parts.store.pool.query(`SELECT 1 FROM outbox WHERE queue = 'source' AND key = $1`, [
      repository,
    ]);
    if (rows.length === 0) return true;
  }
  return false;
}

describe('POST /webhooks/git', () => {
  it.each<[string, (body: string) => Record<string, string>]>([
    ['GitHub', (body) => github(body)],
    ['Gitea', (body) => ({ 'x-gitea-event': 'push', 'x-gitea-signature': hmac(body) })],
    ['GitLab', () => ({ 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': SECRET })],
  ])('takes a push of %s', async (_, headers) => {
    const body = push();
    expect(await send(body, headers(body))).toMatchObject({
      status: 202,
      body: { result: 'accepted', repositories: 1 },
    });
    expect(await wasWoken()).toBe(true);
  });

  it('ignores repositories that nobody follows, and refs of others', async () => {
    for (const changes of [{ repository: { clone_url: 'https://other.example.com/x' } }, { ref: 'refs/heads/topic' }]) {
      const body = push(changes);
      expect(await send(body, github(body))).toMatchObject({
        status: 202,
        body: { result: 'ignored', repositories: 0 },
      });
    }
    const { rowCount } = await hub.parts.store.pool.query('SELECT 1 FROM repositories');
    expect(rowCount).toBe(1);
  });

  it('ignores other events', async () => {
    const body = push();
    expect(await send(body, { ...github(body), 'x-github-event': 'ping' })).toMatchObject({
      status: 202,
      body: { result: 'ignored' },
    });
  });
});

describe('Events of Git hosts', () => {
  const pullRequest = (action: string, name = 'Org/Shop'): string => {
    count += 1;
    return JSON.stringify({ action, number: count, repository: { full_name: name } });
  };
  const mergeRequest = (action: string): string => {
    count += 1;
    const project = { id: 77, path_with_namespace: 'org/sub/shop' };
    return JSON.stringify({ object_kind: 'merge_request', object_attributes: { iid: count, action }, project });
  };
  const asGithub = (event: string) => (body: string) => ({ ...github(body), 'x-github-event': event });
  const asGitea = (event: string) => (body: string) => ({ 'x-gitea-event': event, 'x-gitea-signature': hmac(body) });
  const asGitlab = (event: string) => () => ({ 'x-gitlab-event': event, 'x-gitlab-token': SECRET });

  beforeEach(async () => {
    const { pool } = hub.parts.store;
    await pool.query('TRUNCATE application_sets CASCADE');
    await pool.query(
      `WITH sets AS (
         INSERT INTO application_sets (name, spec, digest)
         SELECT subject, '{}', '' FROM unnest($1::text[]) AS subject RETURNING id, name
       ) INSERT INTO set_dependencies (set_id, kind, subject) SELECT id, 'pullRequests', name FROM sets`,
      [['org/shop', 'org/other', 'org/sub/shop', '77', 'org/*', 'org/sub/*']],
    );
  });

  it.each<[string, string, (body: string) => Record<string, string>, number]>([
    ['a pull request of GitHub', pullRequest('opened'), asGithub('pull_request'), 1],
    ['a label of GitHub', pullRequest('unlabeled'), asGithub('pull_request'), 1],
    ['a pull request of Gitea', pullRequest('synchronized'), asGitea('pull_request_sync'), 1],
    ['a label of Gitea', pullRequest('label_updated'), asGitea('pull_request_label'), 1],
    ['a merge request of GitLab, by path and by number', mergeRequest('merge'), asGitlab('Merge Request Hook'), 2],
    ['a new repository of GitHub', pullRequest('created', 'Org/New'), asGithub('repository'), 1],
    [
      'a new project of GitLab, of every group that it lies in',
      JSON.stringify({ event_name: 'project_create', path_with_namespace: 'org/sub/new' }),
      asGitlab('System Hook'),
      2,
    ],
    ['an event that changes no list', pullRequest('assigned'), asGithub('pull_request'), 0],
    ['a repository that no set reads', pullRequest('opened', 'org/unknown'), asGithub('pull_request'), 0],
    ['a body without a repository', '{"action":"opened"}', asGithub('pull_request'), 0],
  ])('%s expands exactly the sets concerned', async (_, body, headers, applicationSets) => {
    expect(await send(body, headers(body))).toMatchObject({
      status: 202,
      body: { result: applicationSets === 0 ? 'ignored' : 'accepted', repositories: 0, applicationSets },
    });
  });
});

describe('Webhooks are hints, and hostile', () => {
  it.each<[string, (body: string) => Record<string, string>]>([
    ['no signature', () => ({ 'x-github-event': 'push' })],
    ['another secret', (body) => github(body, 'another')],
    ['a signature of another body', () => github('{}')],
    ['the old SHA-1 signature', (body) => ({ 'x-github-event': 'push', 'x-hub-signature': `sha1=${hmac(body)}` })],
    ['an empty signature', () => ({ 'x-gitea-event': 'push', 'x-gitea-signature': '' })],
    ['a wrong token', () => ({ 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': `${SECRET}x` })],
    ["GitLab's header with GitHub's event", () => ({ 'x-github-event': 'push', 'x-gitlab-token': SECRET })],
  ])('refuses %s', async (_, headers) => {
    const body = push();
    expect(await send(body, headers(body))).toMatchObject({ status: 401, body: { code: 'Unauthenticated' } });
  });

  it('checks the signature before it reads the body', async () => {
    expect((await send('{not json', github('{}'))).status).toBe(401);
    expect((await send('{not json', github('{not json'))).status).toBe(400);
  });

  it('refuses what no provider sends', async () => {
    expect((await send(push(), {})).status).toBe(400);
    expect((await send(push(), { ...github(''), 'content-type': 'text/plain' })).status).toBe(400);
    expect((await send(push(), { ...github(''), 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(
      415,
    );
  });

  it('refuses more than 1 MB', async () => {
    const body = push({ padding: 'x'.repeat(1_100_000) });
    expect((await send(body, github(body))).status).toBe(413);
  });

  it('does nothing for a replay, whatever its delivery id', async () => {
    const body = push();
    expect(await send(body, github(body))).toMatchObject({ body: { result: 'accepted' } });
    expect(await send(body, { ...github(body), 'x-github-delivery': 'another' })).toMatchObject({
      status: 202,
      body: { result: 'duplicate' },
    });
  });

  it('limits one address before it reads anything', async () => {
    await using limited = await startTestHub({ WHEELWRIGHT_WEBHOOK_SECRET: SECRET });
    const statuses = await Promise.all(
      Array.from({ length: 300 }, async () => {
        const { status, headers } = await send('{}', {}, limited.url);
        return [status, headers.get('retry-after')].join(' ').trim();
      }),
    );
    expect(statuses.filter((status) => status === '429 1').length).toBeGreaterThan(5);
    expect(statuses.filter((status) => status === '400').length).toBeGreaterThanOrEqual(120);
    expect((await fetch(`${limited.url}/healthz`)).status).toBe(200);
  });

  it('is off without a secret, and says what to set', async () => {
    await using bare = await startTestHub();
    const body = push();
    const answer = await send(body, github(body, ''), bare.url);
    expect(answer).toMatchObject({
      status: 503,
      body: { code: 'Unavailable', detail: expect.stringContaining('WHEELWRIGHT_WEBHOOK_SECRET') as string },
    });
    expect(answer.headers.get('content-type')).toMatch('application/problem+json');
  });
});
