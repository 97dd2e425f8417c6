// The worker's rooms by their adapters, wired once. Nothing here decides anything.
import { createHmac } from 'node:crypto';
import path from 'node:path';
import { SigningKeys } from '@wheelwright/access/adapters';
import { createGatherers, Previewer, SetExpander } from '@wheelwright/expand/adapters';
import { Catalogue, GeneratorInputs, HubSpoke } from '@wheelwright/intent/adapters';
import { AppError, type Clock, type ClusterId } from '@wheelwright/kernel';
import type { WorkerConfig } from '@wheelwright/platform-config';
import { GitMirrors } from '@wheelwright/platform-git';
import type { PlanWarning } from '@wheelwright/plan';
import { CompareSettingsReader } from '@wheelwright/plan/adapters';
import { JqPaths } from '@wheelwright/platform-jq';
import { addressPolicy, SpokeClients, type SpokeClient } from '@wheelwright/platform-kube';
import type { QueuePort, Signals } from '@wheelwright/platform-queue';
import { createScmClient } from '@wheelwright/platform-scm';
import type { Store } from '@wheelwright/platform-store';
import type { Logger, Metrics } from '@wheelwright/platform-telemetry';
import { deniedApplications } from '@wheelwright/policy/adapters';
import {
  ClusterStore,
  ensureHubCluster,
  finishClusterDeletion,
  KeyRing,
  SpokeDirectory,
} from '@wheelwright/registry/adapters';
import { Renderer, StoredRenders } from '@wheelwright/render/adapters';
import { Repositories } from '@wheelwright/source/adapters';
import { Leases, StatusStore } from '@wheelwright/status/adapters';
import { ObserveProcessor } from './processors/observe.js';
import { UserHealth } from './user-health.js';
import { OrphanProcessor } from './processors/orphans.js';
import { TickProcessor } from './processors/tick.js';
import { SliceRunner } from './reconcile/slice.js';

/** What the process opens before anything is composed. */
export interface WorkerParts {
  readonly config: WorkerConfig;
  readonly store: Store;
  readonly queue: QueuePort;
  readonly signals: Signals;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Name of this process, unique among all that run: the holder of its leases. */
  readonly holder: string;
}

/** Everything that the processors call, and how to let go of what it holds. */
export interface Composed {
  readonly slices: SliceRunner;
  readonly sweeps: ObserveProcessor;
  readonly orphans: OrphanProcessor;
  readonly ticks: TickProcessor;
  readonly expander: SetExpander;
  readonly previewer: Previewer;
  readonly spokes: SpokeDirectory;
  readonly repositories: Repositories;
  readonly stored: StoredRenders;
  close(): Promise<void>;
}

const GIT_TIMEOUT_MS = 30_000;

export async function compose(parts: WorkerParts): Promise<Composed> {
  const { config, store, clock, logger } = parts;
  const ring = new KeyRing(config.encryptionKeys.reveal());
  const clients = new SpokeClients({
    addressPolicy: addressPolicy(config.allowedNetworks.map(({ address, prefix }) => `${address}/${prefix}`)),
    userAgent: `wheelwright-worker/${parts.holder}`,
  });
  const clusters = new ClusterStore(store, ring);
  const spokes = new SpokeDirectory(store, clusters, clients, {
    intervalMs: config.probeIntervalMs,
  });
  const mirrors = new GitMirrors({
    root: path.resolve(config.dataDir, 'mirrors'),
    allowInsecure: config.allowInsecureRepos,
    timeoutMs: GIT_TIMEOUT_MS,
  });
  const repositories = new Repositories({ store, mirrors, intervalMs: config.pollIntervalMs });
  const stored = new StoredRenders(store, ring);
  const leases = new Leases(store, { holder: parts.holder, durationMs: config.leaseMs });
  const hubId = await ensureHubCluster(store);
  const hub = new HubSpoke(store, hubId);
  const connect = async (id: ClusterId): Promise<SpokeClient> => (id === hubId ? hub : spokes.client(id));
  const jq = new JqPaths();
  const userHealth = new UserHealth(store);
  const slices = new SliceRunner(
    {
      store,
      leases,
      status: new StatusStore(store),
      signals: parts.signals,
      sources: repositories,
      renders: new Renderer({ stored, files: repositories }),
      health: () => userHealth.current(),
      connect,
      finishClusterDeletion: (id) => finishClusterDeletion(store, id),
      keyedDigest: await keyedDigest(parts, ring),
      compareSettings: new CompareSettingsReader(store, (warnings) => tellSettings(logger, warnings)),
      jq,
      clock,
      logger,
    },
    {
      sliceMs: config.sliceMs,
      leaseMs: config.leaseMs,
      parallel: config.applicationConcurrency,
      installationId: config.installationId,
    },
  );
  const catalogue = new Catalogue();
  const inputs = new GeneratorInputs(ring);
  const scm = createScmClient({
    allowInsecure: config.allowInsecureRepos,
    allowedNetworks: config.allowedNetworks,
    allowedHosts: config.scmAllowedHosts,
    clock,
  });
  const expander = new SetExpander({
    store,
    catalogue,
    revisions: repositories,
    askers: createGatherers({
      inputs: { read: (key) => inputs.read(store, key) },
      scm,
      spokeNamed: async (name) => connect((await clusters.get(name)).id),
      settings: { scmProviders: config.scmProviders, decisionCluster: config.decisionCluster },
    }),
    admission: { check: deniedApplications },
    clock,
  });
  return {
    slices,
    sweeps: new ObserveProcessor(
      { store, leases, connect, health: () => userHealth.current() },
      { sweepMs: config.sweepIntervalMs, hubId, installationId: config.installationId },
    ),
    orphans: new OrphanProcessor({ store, connect, metrics: parts.metrics }, { intervalMs: config.orphanIntervalMs }),
    ticks: new TickProcessor(store, parts.queue, {
      resyncMs: config.resyncIntervalMs,
      orphanMs: config.orphanIntervalMs,
    }),
    expander,
    previewer: new Previewer({ store, signals: parts.signals, expander, catalogue }),
    spokes,
    repositories,
    stored,
    close: async () => {
      await userHealth.close();
      await scm.close();
      await jq.close();
      await clients.close();
      mirrors.close();
    },
  };
}

function tellSettings(logger: Logger, warnings: readonly PlanWarning[]): void {
  for (const { message } of warnings)
    logger.warn('a setting is left out', { error: new AppError('InvalidDocument', message) });
}

/**
 * Digests of desired Secrets are keyed, so that who reads the database cannot test guesses against them (law 8). The key is derived from the oldest
 * thing that all processes share and the database does not hold in the clear.
 */
async function keyedDigest({ store, clock }: WorkerParts, sealer: KeyRing): Promise<(text: string) => string> {
  const { secret } = await new SigningKeys({ store, sealer, clock }).current();
  const key = createHmac('sha256', secret).update('digests of desired Secrets').digest();
  return (text) => createHmac('sha256', key).update(text).digest('hex');
}
