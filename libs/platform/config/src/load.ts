// The environment in, one typed and frozen configuration out, or every problem at once.
import { AppError, type Fault } from '@wheelwright/kernel';
import { VARIABLES, type Process, type Variable } from './variables.js';

type Variables = typeof VARIABLES;
type Value<V> = V extends Variable<infer T> ? T : never;

const HUB_NAMES = [
  'databaseUrl',
  'redisUrl',
  'databaseConnections',
  'host',
  'port',
  'dataDir',
  'encryptionKeys',
  'adminPassword',
  'allowInsecureRepos',
  'allowedNetworks',
  'webhookSecret',
  'installationId',
  'metrics',
  'logLevel',
] as const;

const WORKER_NAMES = [
  'databaseUrl',
  'redisUrl',
  'databaseConnections',
  'workerPort',
  'workerHost',
  'dataDir',
  'encryptionKeys',
  'allowInsecureRepos',
  'allowedNetworks',
  'scmProviders',
  'scmAllowedHosts',
  'decisionCluster',
  'installationId',
  'pollIntervalMs',
  'sweepIntervalMs',
  'resyncIntervalMs',
  'probeIntervalMs',
  'orphanIntervalMs',
  'sliceMs',
  'leaseMs',
  'concurrency',
  'observeConcurrency',
  'sourceConcurrency',
  'applicationConcurrency',
  'metrics',
  'logLevel',
] as const;

type Config<Names extends readonly (keyof Variables)[]> = { readonly [Name in Names[number]]: Value<Variables[Name]> };

/** What the hub reads from its environment. */
export type HubConfig = Config<typeof HUB_NAMES>;
/** What the worker reads from its environment. */
export type WorkerConfig = Config<typeof WORKER_NAMES>;

/** The names of the variables by process: what {@link loadHubConfig} and {@link loadWorkerConfig} read. */
export const NAMES_BY_PROCESS: Readonly<Record<Process, readonly (keyof Variables)[]>> = {
  hub: HUB_NAMES,
  worker: WORKER_NAMES,
};

type Environment = Readonly<Record<string, string | undefined>>;

/** The hub's configuration. Throws one `InvalidDocument` with a fault per bad variable; values never appear in it. */
export function loadHubConfig(env: Environment = process.env): HubConfig {
  return load(HUB_NAMES, env, () => []);
}

/** The worker's configuration. Throws like {@link loadHubConfig}. */
export function loadWorkerConfig(env: Environment = process.env): WorkerConfig {
  return load(WORKER_NAMES, env, ({ leaseMs, sliceMs }) =>
    typeof leaseMs === 'number' && typeof sliceMs === 'number' && leaseMs <= sliceMs
      ? [{ pointer: VARIABLES.leaseMs.env, message: `must be longer than ${VARIABLES.sliceMs.env}` }]
      : [],
  );
}

type Loose = Partial<Record<keyof Variables, unknown>>;

function load<const Names extends readonly (keyof Variables)[]>(
  names: Names,
  env: Environment,
  check: (values: Loose) => readonly Fault[],
): Config<Names> {
  const values: Loose = {};
  const faults: Fault[] = [];
  for (const name of names) {
    const variable: Variable<unknown> = VARIABLES[name];
    // An empty variable counts as not set: that is how compose files and shells pass "nothing".
    const given = env[variable.env] === '' ? undefined : env[variable.env];
    if (given === undefined && variable.required === true) {
      faults.push({ pointer: variable.env, message: 'must be set' });
      continue;
    }
    const result = variable.schema.safeParse(given ?? variable.default);
    if (result.success) values[name] = result.data;
    else faults.push(...result.error.issues.map(({ message }) => ({ pointer: variable.env, message })));
  }
  if (faults.length === 0) faults.push(...check(values));
  if (faults.length > 0) throw invalid(faults);
  // Each value came out of the schema that its type is taken from.
  return Object.freeze(values) as Config<Names>;
}

function invalid(faults: readonly Fault[]): AppError {
  const lines = faults.map(({ pointer, message }) => `${pointer}: ${message}`);
  return new AppError('InvalidDocument', `the environment is not valid:\n  ${lines.join('\n  ')}`, { faults });
}
