// The story of the demo, told against a running hub: register, apply, converge, break, heal, commit, see it live.
import { createHmac } from 'node:crypto';
import { progress } from '../lib/project.mjs';
import { eventually } from './client.mjs';
import { manifests } from './manifests.mjs';

const FLEET = `{
  fleet {
    clusters { total }
    applications { total sync { synced } health { healthy } }
  }
}`;

/** What `fleet` says, as plain numbers. */
export async function fleetCounts(hub) {
  const { fleet } = await hub.query(FLEET);
  const { total, sync, health } = fleet.applications;
  return { clusters: fleet.clusters.total, applications: total, synced: sync.synced, healthy: health.healthy };
}

/** Registers the spokes over REST, and declares everything. Answers how many Applications must come of it. */
export async function declare(hub, { spokes, repository }) {
  for (const { name, labels, server, tls, credentials } of spokes) {
    await hub.register({ name, server, labels, tls, credentials });
    progress(`registered ${name} (${Object.values(labels).join(', ')})`);
  }
  const edge = spokes.filter(({ labels }) => labels.environment === 'edge');
  const listed = edge.length > 0 ? edge : spokes;
  const yaml = manifests({ repoURL: repository.url, first: spokes[0].name, edge: listed.map(({ name }) => name) });
  const { objects } = await hub.apply(yaml);
  for (const { kind, name, result } of objects) progress(`${kind} ${name} ${result}`);
  const production = spokes.filter(({ labels }) => labels.environment === 'production');
  return { expected: production.length + spokes.length + repository.services.length + listed.length };
}

/** Waits until every Application that the declaration makes is there, synced and healthy. */
export async function converge(hub, expected) {
  let shown = '';
  return eventually('the fleet is synced and healthy', async () => {
    const counts = await fleetCounts(hub);
    const text = `${counts.synced} of ${counts.applications} Applications synced, ${counts.healthy} healthy`;
    if (text !== shown) progress((shown = text));
    return counts.applications === expected && counts.synced === expected && counts.healthy === expected
      ? counts
      : undefined;
  });
}

const BANNER = { namespace: 'guestbook', name: 'banner' };

/** Somebody edits an object on a spoke; answers the milliseconds until it is as Git says again. */
export async function breakAndHeal({ hands, cluster }) {
  const text = async () => (await hands.readConfigMap(cluster, BANNER))?.data?.text;
  const before = await text();
  await hands.patchConfigMap(cluster, BANNER, { data: { text: 'broken by hand' } });
  const startedMs = performance.now();
  progress(`somebody changed the banner on ${cluster} by hand`);
  await eventually('the drift is repaired', async () => ((await text()) === before ? true : undefined), {
    everyMs: 20,
  });
  const ms = Math.round(performance.now() - startedMs);
  progress(`repaired after ${ms} ms`);
  return ms;
}

/** A commit, told to the hub by webhook; answers the milliseconds until every spoke has it. */
export async function commitAndSeeLive({ hub, hands, spokes, repository, webhookSecret }) {
  const text = `hello, ${spokes.length} clusters`;
  const commit = await repository.setBanner(text);
  const startedMs = performance.now();
  progress(`committed ${commit.slice(0, 8)} and sent the webhook`);
  await sendPush(hub.url, { url: repository.url, commit, secret: webhookSecret });
  await Promise.all(
    spokes.map(({ name }) =>
      eventually(
        `the commit is live on ${name}`,
        async () => ((await hands.readConfigMap(name, BANNER))?.data?.text === text ? true : undefined),
        { everyMs: 20 },
      ),
    ),
  );
  const ms = Math.round(performance.now() - startedMs);
  progress(`live on all ${spokes.length} clusters after ${ms} ms`);
  return ms;
}

/** The push event that a GitHub server would send, signed over its exact bytes. */
async function sendPush(hubUrl, { url, commit, secret }) {
  const body = JSON.stringify({
    ref: 'refs/heads/main',
    after: commit,
    repository: { clone_url: url, ssh_url: url, html_url: url, full_name: 'demo/fleet', default_branch: 'main' },
  });
  const response = await fetch(new URL('/webhooks/git', hubUrl), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-github-delivery': commit,
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
    body,
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`the webhook was refused: ${response.status} ${await response.text()}`);
}

/** One line per cluster, for people. */
export async function tableOfClusters(hub) {
  const { clusters } = await hub.query(`{
    clusters(first: 100) { nodes { name isHub state kubernetesVersion applications { total sync { synced } health { healthy } } } }
  }`);
  const rows = clusters.nodes
    .filter(({ isHub }) => !isHub)
    .map(({ name, state, kubernetesVersion, applications: { total, sync, health } }) =>
      [name, state, kubernetesVersion, total, sync.synced, health.healthy].map(String),
    );
  return format([['CLUSTER', 'STATE', 'KUBERNETES', 'APPLICATIONS', 'SYNCED', 'HEALTHY'], ...rows]);
}

function format(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
