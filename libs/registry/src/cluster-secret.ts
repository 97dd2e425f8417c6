// A cluster Secret as Argo CD writes it (`compatibility.md` 2.10) in, the same registration as over REST out.
import { AppError, isJsonObject, textOfBase64, type JsonObject } from '@wheelwright/kernel';
import { z } from 'zod';
import type { AddressRules } from './address.js';
import {
  annotations,
  bearerToken,
  caData,
  certData,
  clusterName,
  credentialsOf,
  keyData,
  labels,
  namespaces,
  project,
  refused,
  serverName,
} from './fields.js';
import { finishRegistration, invalid, pointerOf, read } from './registration.js';
import type { ClusterRegistration } from './types.js';

/** Marks what a Secret is for; taken off the labels that generators see. */
export const SECRET_TYPE_LABEL = 'argocd.argoproj.io/secret-type';
/** Holds the whole Secret in plain text, so it must not be kept. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The keys of `data`; `shard` has no meaning here and is taken without one. */
const FIELDS = ['name', 'server', 'config', 'namespaces', 'clusterResources', 'shard', 'project'] as const;
type Field = (typeof FIELDS)[number];

const metadata = z.object({
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
});

/** Serialised empty texts mean absent, as Go writes them. */
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' || value === null ? undefined : value), schema.optional());

const config = z.strictObject({
  bearerToken: optional(bearerToken),
  tlsClientConfig: z
    .strictObject({
      insecure: z.boolean().default(false),
      serverName: optional(serverName),
      caData: optional(caData),
      certData: optional(certData),
      keyData: optional(keyData),
    })
    .default({ insecure: false }),
  disableCompression: z.boolean().optional(),
  username: refused('username'),
  password: refused('password'),
  proxyUrl: refused('proxyUrl'),
  awsAuthConfig: refused('awsAuthConfig'),
  execProviderConfig: refused('execProviderConfig'),
});

const fields = z.strictObject({
  name: clusterName,
  labels,
  annotations,
  project,
  namespaces,
});

/** Reads a cluster Secret. Throws `InvalidDocument`; the pointers lead into the Secret, through `config` too. No message repeats a value. */
export function registrationOfSecret(secret: JsonObject, rules: AddressRules): ClusterRegistration {
  const data = dataOf(secret);
  const checked = factsOfSecret(secret);
  const { tls, credentials } = configOf(data.get('config') ?? '');
  return finishRegistration(
    {
      ...checked,
      server: data.get('server') ?? '',
      tls,
      credentials,
      clusterResources: checked.namespaces.length === 0 || data.get('clusterResources') === 'true',
    },
    rules,
    '/data/server',
  );
}

/** The address that a cluster Secret names, as it is written; empty where it names none that can be read. */
export function serverOfSecret(secret: JsonObject): string {
  const { stringData, data } = secret;
  const plain = isJsonObject(stringData) ? stringData['server'] : undefined;
  if (typeof plain === 'string') return plain;
  const encoded = isJsonObject(data) ? data['server'] : undefined;
  return typeof encoded === 'string' ? (textOfBase64(encoded) ?? '') : '';
}

/** What a cluster Secret says beyond how to connect. Throws `InvalidDocument`. */
export function factsOfSecret(secret: JsonObject): z.output<typeof fields> {
  const data = dataOf(secret);
  const meta = read(metadata, isJsonObject(secret['metadata']) ? secret['metadata'] : {}, 'The cluster Secret');
  const { [SECRET_TYPE_LABEL]: _type, ...ownLabels } = meta.labels;
  const { [LAST_APPLIED]: _applied, ...ownAnnotations } = meta.annotations;
  const namespaceList = (data.get('namespaces') ?? '').split(',').map((name) => name.trim());
  return read(
    fields,
    {
      name: data.get('name') ?? '',
      labels: ownLabels,
      annotations: ownAnnotations,
      project: data.get('project') ?? '',
      namespaces: namespaceList.filter((name) => name !== ''),
    },
    'The cluster Secret',
  );
}

/** `data` decoded, with `stringData` on top. */
function dataOf(secret: JsonObject): ReadonlyMap<Field, string> {
  const found = new Map<Field, string>();
  for (const part of ['data', 'stringData'] as const) {
    const entries = secret[part];
    if (entries === undefined || entries === null) continue;
    if (!isJsonObject(entries))
      throw invalid('The cluster Secret', [{ pointer: `/${part}`, message: 'must be a map' }]);
    for (const [key, value] of Object.entries(entries)) {
      const pointer = pointerOf([part, key]);
      const field = FIELDS.find((name) => name === key);
      if (field === undefined) throw invalid('The cluster Secret', [{ pointer, message: 'is not a known field' }]);
      const text = typeof value !== 'string' ? undefined : part === 'data' ? textOfBase64(value) : value;
      if (text === undefined)
        throw invalid('The cluster Secret', [
          { pointer, message: part === 'data' ? 'must be base64' : 'must be a text' },
        ]);
      found.set(field, text);
    }
  }
  return found;
}

function configOf(
  text: string,
): Pick<ClusterRegistration, 'credentials'> & { readonly tls: z.output<typeof config>['tlsClientConfig'] } {
  const pointer = '/data/config';
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's own message would quote the text.
    throw invalid('The cluster Secret', [{ pointer, message: 'config must be JSON' }]);
  }
  const { tlsClientConfig, bearerToken: token } = under(pointer, () => read(config, parsed, 'The cluster Secret'));
  const { certData: cert, keyData: key, ...tls } = tlsClientConfig;
  const found = credentialsOf({ bearerToken: token, certData: cert, keyData: key });
  if ('problem' in found) throw invalid('The cluster Secret', [{ pointer, message: `config ${found.problem}` }]);
  return { tls, credentials: found.credentials };
}

/** Moves the faults of a part to where the part stands. */
function under<T>(prefix: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw invalid(
      'The cluster Secret',
      error.faults.map((fault) => ({ ...fault, pointer: `${prefix}${fault.pointer}` })),
    );
  }
}
