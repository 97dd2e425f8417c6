// npm run demo: the whole product with six spokes, from registration to a healed drift and a commit that is live everywhere.
//   npm run demo                                      simulated spokes; stays up until Ctrl-C
//   npm run demo -- --once                            the same story, one line of JSON at the end, then everything stops
//   npm run demo -- --kubeconfig FILE --contexts a,b  real clusters
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { connectHub } from './demo/client.mjs';
import { makeRepository } from './demo/repository.mjs';
import { byHand, realSpokes, simulatedSpokes } from './demo/spokes.mjs';
import { breakAndHeal, commitAndSeeLive, converge, declare, tableOfClusters } from './demo/story.mjs';
import { freePort, isFree } from './lib/ports.mjs';
import { progress, step } from './lib/project.mjs';
import { setup } from './lib/setup.mjs';

const { values: flags } = parseArgs({
  options: { once: { type: 'boolean', default: false }, kubeconfig: { type: 'string' }, contexts: { type: 'string' } },
});
if ((flags.kubeconfig === undefined) !== (flags.contexts === undefined)) {
  progress('--kubeconfig and --contexts go together: which contexts of which file?');
  process.exit(2);
}

const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => stopping.abort());
const asked = new Promise((resolve) => stopping.signal.addEventListener('abort', resolve, { once: true }));

const QUERY =
  '{ fleet { clusters { total connected } applications { total sync { synced outOfSync } health { healthy progressing degraded } } } }';
/** Shorter than in production, so that a change by hand is seen while somebody watches. */
const INTERVALS = {
  WHEELWRIGHT_SWEEP_INTERVAL: '1s',
  WHEELWRIGHT_POLL_INTERVAL: '10s',
  WHEELWRIGHT_PROBE_INTERVAL: '5s',
};

/** What was started, last first. */
const closers = [];
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wheelwright-demo-'));
// As root, Postgres runs as another user: it may pass through, and its own folder inside stays private.
fs.chmodSync(folder, 0o711);

async function tell() {
  await setup();
  const fleet =
    flags.kubeconfig === undefined
      ? await step('start six simulated spokes', simulatedSpokes)
      : await realSpokes(flags.kubeconfig, flags.contexts.split(','));
  closers.unshift(fleet.stop);
  const { spokes } = fleet;
  const repository = await step('make a Git repository', () =>
    makeRepository(
      path.join(folder, 'fleet'),
      spokes.map(({ name }) => name),
    ),
  );
  const webhookSecret = randomBytes(24).toString('base64url');
  const wanted = Number(process.env.PORT ?? 8080);
  const { startAllInOne } = await import('./lib/all-in-one.mjs');
  const all = await startAllInOne({
    env: {
      ...INTERVALS,
      PORT: String((await isFree(wanted)) ? wanted : await freePort()),
      WHEELWRIGHT_DATA_DIR: path.join(folder, 'data'),
      WHEELWRIGHT_ALLOW_INSECURE_REPOS: 'true',
      WHEELWRIGHT_ALLOWED_NETWORKS: '127.0.0.0/8,::1/128',
      WHEELWRIGHT_WEBHOOK_SECRET: webhookSecret,
      WHEELWRIGHT_ADMIN_PASSWORD: process.env.WHEELWRIGHT_ADMIN_PASSWORD ?? randomBytes(12).toString('base64url'),
      LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn',
    },
    logFolder: path.join(folder, 'logs'),
    signal: stopping.signal,
  });
  closers.unshift(() => all.stop());
  void all.failed.then((reason) => failWith(new Error(reason)));
  const login = { username: 'admin', password: all.adminPassword };
  const hub = await connectHub(all.url, login);
  const hands = await byHand(spokes);
  closers.unshift(hands.close);

  const { expected } = await declare(hub, { spokes, repository });
  const startedMs = performance.now();
  const counts = await converge(hub, expected);
  progress(`the fleet is as Git says after ${Math.round(performance.now() - startedMs)} ms`);
  const driftToRepairMs = await breakAndHeal({ hands, cluster: spokes[0].name });
  const commitToLiveMs = await commitAndSeeLive({ hub, hands, spokes, repository, webhookSecret });
  const last = await converge(hub, expected);
  process.stdout.write(`\n${await tableOfClusters(hub)}\n\n`);
  if (flags.once) {
    process.stdout.write(`${JSON.stringify({ ...counts, ...last, commitToLiveMs, driftToRepairMs })}\n`);
    return;
  }
  process.stdout.write(`${howToGoOn(all.url, login)}\n`);
  await asked;
}

function howToGoOn(url, { username, password }) {
  return `The hub       ${url}   (REST: ${url}/api/docs, GraphQL: ${url}/graphql)
The login     ${username} / ${password}
The repository ${path.join(folder, 'fleet')}: commit to it and watch

TOKEN=$(curl -s ${url}/api/v1/session -H 'content-type: application/json' -d '${JSON.stringify({ username, password })}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
curl -s ${url}/graphql -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '${JSON.stringify({ query: QUERY })}'

Ctrl-C stops everything.`;
}

let failWith;
const failed = new Promise((_, reject) => (failWith = reject));
try {
  await Promise.race([tell(), failed, asked]);
} catch (error) {
  process.exitCode = 1;
  if (!stopping.signal.aborted) {
    progress(`failed: ${error.message}`);
    progress(`logs: ${path.join(folder, 'logs')}`);
  }
} finally {
  progress('stop');
  for (const close of closers) await close();
  if (process.exitCode !== 1) fs.rmSync(folder, { recursive: true, force: true });
}
process.exit();
