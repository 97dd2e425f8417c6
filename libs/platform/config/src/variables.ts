// Every environment variable, once: how it is read, its default, and what the reference page says of it.
import { parseDurationMs } from '@wheelwright/kernel';
import { z } from 'zod';
import { parseNetwork } from './networks.js';
import { parseEncryptionKeys } from './encryption-keys.js';
import { Secret } from './secret.js';

/** The processes that read a variable. */
export type Process = 'hub' | 'worker';

export interface Variable<T> {
  readonly env: string;
  readonly processes: readonly Process[];
  readonly description: string;
  /** As a user would write it. Absent: the variable is optional and has no default, or is required. */
  readonly default?: string;
  readonly required?: true;
  readonly secret?: true;
  /** From the text of the environment (or of the default) to the value; `undefined` where neither is given. */
  readonly schema: z.ZodType<T, string | undefined>;
}

const BOTH: readonly Process[] = ['hub', 'worker'];
const HUB: readonly Process[] = ['hub'];
const WORKER: readonly Process[] = ['worker'];

const text = z.string().min(1);
const optionalSecret = z
  .string()
  .min(1)
  .transform((value) => new Secret(value))
  .optional();

function url(...protocols: readonly string[]): z.ZodType<string, string | undefined> {
  return text.refine(
    (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol),
    `must be an address that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  );
}

function duration(minMs: number, maxMs: number): z.ZodType<number, string | undefined> {
  return text.transform((value, context) => {
    const ms = parseDurationMs(value);
    if (ms !== undefined && ms >= minMs && ms <= maxMs) return ms;
    context.addIssue({
      code: 'custom',
      message: `must be a duration such as 30s or 1m30s, from ${minMs} ms to ${maxMs} ms`,
    });
    return z.NEVER;
  });
}

function integer(min: number, max: number): z.ZodType<number, string | undefined> {
  return text.transform((value, context) => {
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    context.addIssue({ code: 'custom', message: `must be a whole number from ${min} to ${max}` });
    return z.NEVER;
  });
}

const flag = z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true');

const networks = z.string().transform((value, context) => {
  const parts = value.split(',').map((part) => part.trim());
  const parsed = parts.filter((part) => part !== '').map((part) => parseNetwork(part) ?? part);
  const bad = parsed.filter((part) => typeof part === 'string');
  if (bad.length > 0) context.addIssue({ code: 'custom', message: `not a network in CIDR form: ${bad.join(', ')}` });
  return parsed.filter((part) => typeof part !== 'string');
});

/** Hosts, `host:port` or addresses; what they are compared with is the client's matter. */
const hosts = z.string().transform((value, context) => {
  const parts = value.split(',').map((part) => part.trim().toLowerCase());
  const given = parts.filter((part) => part !== '');
  const bad = given.filter((part) => !/^(?:https?:\/\/)?[a-z0-9.[\]:-]+(?:\/\S*)?$/.test(part));
  if (bad.length > 0) context.addIssue({ code: 'custom', message: `not a host: ${bad.join(', ')}` });
  return given;
});

const encryptionKeys = text.transform((value, context) => {
  const result = parseEncryptionKeys(value);
  if ('keys' in result) return new Secret(result.keys);
  for (const message of result.problems) context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const define = <T>(variable: Variable<T>): Variable<T> => variable;

const HOUR_MS = 3_600_000;

/** All variables by the name that the configuration gives them. */
export const VARIABLES = {
  databaseUrl: define({
    env: 'DATABASE_URL',
    processes: BOTH,
    required: true,
    secret: true,
    description: 'Postgres (14 or newer), the only truth. `npm start` runs an embedded one where it is not set.',
    schema: url('postgres:', 'postgresql:').transform((value) => new Secret(value)),
  }),
  redisUrl: define({
    env: 'REDIS_URL',
    processes: BOTH,
    secret: true,
    description:
      'Redis for the queue and for signals, with `maxmemory-policy noeviction`. Without it both run on Postgres.',
    schema: url('redis:', 'rediss:')
      .transform((value) => new Secret(value))
      .optional(),
  }),
  databaseConnections: define({
    env: 'WHEELWRIGHT_DATABASE_CONNECTIONS',
    processes: BOTH,
    default: '10',
    description:
      'Largest number of pooled Postgres connections of one process. The queue on Postgres uses up to 16 more.',
    schema: integer(2, 200),
  }),
  host: define({
    env: 'HOST',
    processes: HUB,
    default: '127.0.0.1',
    description: 'Address that the hub listens on.',
    schema: text,
  }),
  port: define({
    env: 'PORT',
    processes: HUB,
    default: '8080',
    description: 'Port that the hub listens on; 0 takes a free one.',
    schema: integer(0, 65_535),
  }),
  workerPort: define({
    env: 'WHEELWRIGHT_WORKER_PORT',
    processes: WORKER,
    default: '0',
    description: 'Port of the worker for `/healthz` and `/metrics`, on HOST; 0 takes a free one.',
    schema: integer(0, 65_535),
  }),
  workerHost: define({
    env: 'WHEELWRIGHT_WORKER_HOST',
    processes: WORKER,
    default: '127.0.0.1',
    description: 'Address that the worker listens on for `/healthz` and `/metrics`.',
    schema: text,
  }),
  dataDir: define({
    env: 'WHEELWRIGHT_DATA_DIR',
    processes: BOTH,
    default: '.wheelwright',
    description:
      'Folder for Git mirrors and, with `npm start`, the embedded database and the first keys. May be lost, apart from those two.',
    schema: text,
  }),
  encryptionKeys: define({
    env: 'WHEELWRIGHT_ENCRYPTION_KEYS',
    processes: BOTH,
    required: true,
    secret: true,
    description:
      'Key-encryption keys, `id:base64[,id:base64]`, 32 random bytes each (`openssl rand -base64 32`). The first seals, all open. `npm start` makes one in the data folder.',
    schema: encryptionKeys,
  }),
  adminPassword: define({
    env: 'WHEELWRIGHT_ADMIN_PASSWORD',
    processes: HUB,
    secret: true,
    description:
      'Password of the user `admin`, at least 12 characters. It is created with it; an existing one gets it at the start of the hub and its sessions end, which is the way out of a lost password. Without it, one is made for the first start, printed once, and an existing password stays.',
    schema: z
      .string()
      .min(12, 'must have at least 12 characters')
      .transform((value) => new Secret(value))
      .optional(),
  }),
  allowInsecureRepos: define({
    env: 'WHEELWRIGHT_ALLOW_INSECURE_REPOS',
    processes: BOTH,
    default: 'false',
    description: 'Whether repositories may be read over `http` and `file`. For trials only.',
    schema: flag,
  }),
  allowedNetworks: define({
    env: 'WHEELWRIGHT_ALLOWED_NETWORKS',
    processes: BOTH,
    default: '',
    description:
      'Networks (CIDR, comma separated) that clusters may live in besides public and private ones. Loopback and link-local addresses are refused unless listed here. Git hosts and plugins that generators ask are refused in private networks too, unless listed here.',
    schema: networks,
  }),
  scmProviders: define({
    env: 'WHEELWRIGHT_SCM_PROVIDERS',
    processes: WORKER,
    default: 'on',
    description: 'Whether the generators scmProvider and pullRequest may ask Git hosts: on or off.',
    schema: z.enum(['on', 'off'], 'must be on or off').transform((value) => value === 'on'),
  }),
  scmAllowedHosts: define({
    env: 'WHEELWRIGHT_SCM_ALLOWED_HOSTS',
    processes: WORKER,
    default: '',
    description:
      'Hosts (comma separated, `host` or `host:port`) that generators may ask: APIs of Git hosts, and plugins. Empty: any whose address is allowed.',
    schema: hosts,
  }),
  decisionCluster: define({
    env: 'WHEELWRIGHT_DECISION_CLUSTER',
    processes: WORKER,
    default: '',
    description:
      'Name of the registered cluster that clusterDecisionResource generators read, where their ConfigMap names none under `cluster`.',
    schema: z.string(),
  }),
  webhookSecret: define({
    env: 'WHEELWRIGHT_WEBHOOK_SECRET',
    processes: HUB,
    secret: true,
    description: 'Secret that Git webhooks are signed with. Without it, webhooks are refused.',
    schema: optionalSecret,
  }),
  installationId: define({
    env: 'WHEELWRIGHT_INSTALLATION_ID',
    processes: BOTH,
    default: 'wheelwright',
    description:
      'Value of the label `wheelwright.dev/managed-by` on objects. Must differ between hubs that share a cluster, and never change.',
    schema: z
      .string()
      .regex(
        /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
        'must be a label value: lower-case letters, digits and dashes, at most 63',
      ),
  }),
  pollIntervalMs: define({
    env: 'WHEELWRIGHT_POLL_INTERVAL',
    processes: WORKER,
    default: '60s',
    description:
      'How often each Git repository is asked for changes (with jitter), whatever the number of Applications.',
    schema: duration(1_000, 24 * HOUR_MS),
  }),
  sweepIntervalMs: define({
    env: 'WHEELWRIGHT_SWEEP_INTERVAL',
    processes: WORKER,
    default: '60s',
    description: 'How often the managed objects of each spoke are compared with what was last seen (with jitter).',
    schema: duration(500, 24 * HOUR_MS),
  }),
  probeIntervalMs: define({
    env: 'WHEELWRIGHT_PROBE_INTERVAL',
    processes: WORKER,
    default: '30s',
    description: 'How often each spoke is asked whether it answers (with jitter).',
    schema: duration(500, HOUR_MS),
  }),
  resyncIntervalMs: define({
    env: 'WHEELWRIGHT_RESYNC_INTERVAL',
    processes: WORKER,
    default: '3m',
    description:
      'How often each ApplicationSet is expanded again although nothing asked for it: the safety net for lost wake-ups.',
    schema: duration(1_000, 24 * HOUR_MS),
  }),
  orphanIntervalMs: define({
    env: 'WHEELWRIGHT_ORPHAN_INTERVAL',
    processes: WORKER,
    default: '10m',
    description:
      'How often each spoke is searched for objects that no Application manages, where a project has `orphanedResources`.',
    schema: duration(1_000, 24 * HOUR_MS),
  }),
  sliceMs: define({
    env: 'WHEELWRIGHT_SLICE',
    processes: WORKER,
    default: '10s',
    description: 'How long one run works on one spoke before the next spoke has its turn.',
    schema: duration(100, 300_000),
  }),
  leaseMs: define({
    env: 'WHEELWRIGHT_LEASE',
    processes: WORKER,
    default: '30s',
    description:
      'How long a worker may write to a spoke without renewing its lease. Must be longer than WHEELWRIGHT_SLICE.',
    schema: duration(1_000, 600_000),
  }),
  concurrency: define({
    env: 'WHEELWRIGHT_CONCURRENCY',
    processes: WORKER,
    default: '8',
    description: 'Spokes that one worker deploys to at the same time.',
    schema: integer(1, 200),
  }),
  observeConcurrency: define({
    env: 'WHEELWRIGHT_OBSERVE_CONCURRENCY',
    processes: WORKER,
    default: '8',
    description: 'Spokes that one worker sweeps at the same time.',
    schema: integer(1, 200),
  }),
  sourceConcurrency: define({
    env: 'WHEELWRIGHT_SOURCE_CONCURRENCY',
    processes: WORKER,
    default: '4',
    description: 'Repositories that one worker polls at the same time.',
    schema: integer(1, 100),
  }),
  applicationConcurrency: define({
    env: 'WHEELWRIGHT_APPLICATION_CONCURRENCY',
    processes: WORKER,
    default: '4',
    description: 'Applications of one spoke that are worked on at the same time.',
    schema: integer(1, 100),
  }),
  metrics: define({
    env: 'WHEELWRIGHT_METRICS',
    processes: BOTH,
    default: 'true',
    description: 'Whether `/metrics` is served.',
    schema: flag,
  }),
  logLevel: define({
    env: 'LOG_LEVEL',
    processes: BOTH,
    default: 'info',
    description: 'Least level that is logged: trace, debug, info, warn, error, fatal or silent.',
    schema: z.enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'must be trace, debug, info, warn, error, fatal or silent',
    ),
  }),
} as const;
