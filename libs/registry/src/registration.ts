// The body of a registration or of a patch in, a checked value out. Closed: what is not named here is refused with a pointer to it.
import { AppError, type Fault } from '@wheelwright/kernel';
import { z } from 'zod';
import { IN_CLUSTER_NAME, normaliseServer, type AddressRules } from './address.js';
import {
  annotations,
  annotationsPatch,
  bearerToken,
  caData,
  certData,
  clusterName,
  credentialsOf,
  keyData,
  labels,
  labelsPatch,
  namespaces,
  project,
  serverName,
  unknownField,
} from './fields.js';
import type { ClusterPatch, ClusterRegistration } from './types.js';

const credentials = z
  .strictObject({ bearerToken: bearerToken.optional(), certData: certData.optional(), keyData: keyData.optional() })
  .transform((fields, context) => {
    const found = credentialsOf(fields);
    if ('credentials' in found) return found.credentials;
    context.addIssue(found.problem);
    return z.NEVER;
  });

const tls = z.strictObject({
  caData: caData.optional(),
  serverName: serverName.optional(),
  insecure: z.boolean().default(false),
});

/** The body of `POST /clusters`: the check and the published schema are the same. */
export const registrationBody = z.strictObject({
  name: clusterName.min(1, 'must not be empty'),
  server: z.string(),
  labels: labels.default({}),
  annotations: annotations.default({}),
  project: project.default(''),
  namespaces: namespaces.default([]),
  tls: tls.default({ insecure: false }),
  credentials,
});

/** The body of `PATCH /clusters/:name`. */
export const patchBody = z.strictObject({
  labels: labelsPatch.optional(),
  annotations: annotationsPatch.optional(),
  credentials: credentials.optional(),
  paused: z.boolean().optional(),
});

/** A checked registration before its address is: what a body and a cluster Secret both become. */
export type UncheckedAddress = z.output<typeof registrationBody>;

/** Reads the body of `POST /clusters`. Throws `InvalidDocument` with a fault for each field that is wrong or not known. */
export function parseRegistration(input: unknown, rules: AddressRules): ClusterRegistration {
  const { namespaces: restricted, ...rest } = read(registrationBody, input, 'The registration');
  return finishRegistration(
    { ...rest, namespaces: restricted, clusterResources: restricted.length === 0 },
    rules,
    '/server',
  );
}

/** Reads the body of `PATCH /clusters/:name`. Throws `InvalidDocument` like {@link parseRegistration}. */
export function parsePatch(input: unknown): ClusterPatch {
  const { labels: changedLabels, annotations: changedAnnotations, ...rest } = read(patchBody, input, 'The patch');
  return {
    ...(changedLabels === undefined ? {} : { labels: changedLabels }),
    ...(changedAnnotations === undefined ? {} : { annotations: changedAnnotations }),
    ...(rest.credentials === undefined ? {} : { credentials: rest.credentials }),
    ...(rest.paused === undefined ? {} : { paused: rest.paused }),
  };
}

/** Normalises the address, and takes it for the name where there is none. `pointer` is where the address stands. */
export function finishRegistration(
  fields: UncheckedAddress & { readonly clusterResources: boolean },
  rules: AddressRules,
  pointer: string,
): ClusterRegistration {
  const address = normaliseServer(fields.server, rules);
  if ('problem' in address) throw invalid('The registration', [{ pointer, message: `server ${address.problem}` }]);
  if (fields.name === IN_CLUSTER_NAME) {
    throw invalid('The registration', [
      { pointer: '/name', message: `the name ${IN_CLUSTER_NAME} belongs to the hub itself` },
    ]);
  }
  const { tls: trust, ...rest } = fields;
  return {
    ...rest,
    name: fields.name === '' ? address.server : fields.name,
    server: address.server,
    tls: {
      insecure: trust.insecure,
      ...(trust.caData === undefined ? {} : { caData: trust.caData }),
      ...(trust.serverName === undefined ? {} : { serverName: trust.serverName }),
    },
  };
}

/** Parses with a schema; every issue becomes a fault whose pointer names the field, under `prefix`. */
export function read<T extends z.ZodType>(schema: T, input: unknown, what: string): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw invalid(what, result.error.issues.flatMap(faultsOf));
}

/** The faults of one issue; one for each key where keys are not known. Messages of the schemas never repeat a value. */
export function faultsOf(issue: z.core.$ZodIssue): readonly Fault[] {
  const path = issue.path.map(String);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ pointer: pointerOf([...path, key]), message: unknownField(key) }));
    case 'invalid_key':
      return [{ pointer: pointerOf(path), message: issue.issues[0]?.message ?? issue.message }];
    default:
      return [{ pointer: pointerOf(path), message: issue.message }];
  }
}

/** RFC 6901 form of a path. */
export function pointerOf(path: readonly string[]): string {
  return path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** `InvalidDocument` with its faults, the first in the message. */
export function invalid(what: string, faults: readonly Fault[]): AppError {
  const [first] = faults;
  const detail = first === undefined ? '' : `: ${first.pointer === '' ? '' : `${first.pointer} `}${first.message}`;
  return new AppError('InvalidDocument', `${what} is not valid${detail}`, { faults });
}
