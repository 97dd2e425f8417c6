// The clusters of the demo: simulated ones in a process of their own, or real ones out of a kubeconfig. Reached by hand like any API server.
import { spawn } from 'node:child_process';
import readline from 'node:readline';
import { inRoot } from '../lib/project.mjs';
import { stopPid } from '../lib/processes.mjs';

const START_MS = 20_000;
const NAMES = [
  ['edge-lyon', { environment: 'edge', region: 'eu' }],
  ['edge-porto', { environment: 'edge', region: 'eu' }],
  ['prod-eu', { environment: 'production', region: 'eu' }],
  ['prod-us', { environment: 'production', region: 'us' }],
  ['staging-eu', { environment: 'staging', region: 'eu' }],
  ['staging-us', { environment: 'staging', region: 'us' }],
];

/** Six simulated spokes. Answers how each is reached, and how to stop them. */
export async function simulatedSpokes() {
  const child = spawn(
    process.execPath,
    [inRoot('libs/spoke-sim/dist/main.js'), '--clusters', String(NAMES.length), '--tls'],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const lines = readline.createInterface({ input: child.stdout });
  const first = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the simulated spokes did not start in time')), START_MS);
    lines.once('line', (line) => resolve(line) || clearTimeout(timer));
    child.once(
      'exit',
      (code) => reject(new Error(`the simulated spokes ended with code ${code}`)) || clearTimeout(timer),
    );
  });
  const { caData, clusters } = JSON.parse(first);
  const spokes = NAMES.map(([name, labels], at) => ({
    name,
    labels,
    server: clusters[at].url,
    tls: { caData },
    credentials: { bearerToken: clusters[at].token },
  }));
  return {
    spokes,
    stop: async () => {
      child.removeAllListeners('exit');
      await stopPid(child.pid, ['SIGTERM', 'SIGKILL'], 3_000);
    },
  };
}

/** Real clusters: one per context of a kubeconfig. The first is production, the others take turns. */
export async function realSpokes(file, contexts) {
  const { loadKubeconfig } = await import('@wheelwright/platform-kube');
  const environments = ['production', 'edge', 'staging'];
  const spokes = [];
  for (const [at, context] of contexts.entries()) {
    const { server, tls, credentials } = await loadKubeconfig(file, context);
    const { kind, ...rest } = credentials;
    spokes.push({
      name: context.toLowerCase().replace(/[^-a-z0-9]+/g, '-'),
      labels: { environment: environments[at % environments.length] },
      server,
      tls,
      credentials: kind === 'bearerToken' ? { bearerToken: rest.token } : rest,
    });
  }
  return { spokes, stop: async () => undefined };
}

/** Reads and changes objects on the spokes directly, the way a person with kubectl would. */
export async function byHand(spokes) {
  const { addressPolicy, SpokeClients } = await import('@wheelwright/platform-kube');
  const clients = new SpokeClients({ addressPolicy: addressPolicy(['127.0.0.0/8', '::1/128']) });
  const reach = ({ name, server, tls, credentials }) =>
    clients.get(
      {
        id: name,
        server,
        tls,
        credentials:
          credentials.bearerToken === undefined
            ? { kind: 'clientCertificate', ...credentials }
            : { kind: 'bearerToken', token: credentials.bearerToken },
      },
      '1',
    );
  const byName = new Map(spokes.map((spoke) => [spoke.name, reach(spoke)]));
  const CONFIG_MAPS = { group: '', version: 'v1', plural: 'configmaps', namespaced: true };
  return {
    readConfigMap: (cluster, ref) => byName.get(cluster).get(CONFIG_MAPS, ref),
    patchConfigMap: (cluster, ref, patch) =>
      byName.get(cluster).patch(CONFIG_MAPS, ref, { type: 'merge', body: patch, fieldManager: 'somebody' }),
    close: () => clients.close(),
  };
}
