// The fields that a registration and a cluster Secret share, as zod schemas: closed, and with messages that never repeat a value.
import { textOfBase64 } from '@wheelwright/kernel';
import { z } from 'zod';
import type { ClusterCredentials } from './types.js';

const MAX_PEM = 64 * 1024;
const MAX_TOKEN = 16 * 1024;
const MAX_LABELS = 64;
const MAX_ANNOTATION_BYTES = 256 * 1024;

const NAME_PART = '[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?';
const DNS_LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const KEY = new RegExp(`^(?:(?=.{1,253}/)${DNS_LABEL}(?:\\.${DNS_LABEL})*/)?${NAME_PART}$`);
const LABEL_VALUE = new RegExp(`^(?:${NAME_PART})?$`);
const NAMESPACE = new RegExp(`^${DNS_LABEL}$`);

const metadataKey = z.string().regex(KEY, 'is not a valid label or annotation key');
const labelValue = z
  .string()
  .regex(LABEL_VALUE, 'is not a valid label value (at most 63 letters, digits, "-", "_", ".")');

function isSmall(values: Readonly<Record<string, unknown>>): boolean {
  return JSON.stringify(values).length <= MAX_ANNOTATION_BYTES;
}

/** Labels as Kubernetes takes them. */
export const labels = z
  .record(metadataKey, labelValue)
  .refine((map) => Object.keys(map).length <= MAX_LABELS, `has more than ${String(MAX_LABELS)} labels`);

/** Annotations as Kubernetes takes them: 256 KiB together. */
export const annotations = z.record(metadataKey, z.string()).refine(isSmall, 'is larger than 256 KiB');

/** The same with `null` for a key that goes. */
export const labelsPatch = z.record(metadataKey, labelValue.nullable()).refine(isSmall, 'is larger than 256 KiB');
export const annotationsPatch = z.record(metadataKey, z.string().nullable()).refine(isSmall, 'is larger than 256 KiB');

/** What a person calls a spoke: also part of REST paths and of rendered names. */
export const clusterName = z
  .string()
  .max(253, 'is longer than 253 characters')
  .regex(/^[^\p{C}\p{Z}]*$/u, 'must not hold spaces or control characters');

export const project = z
  .string()
  .max(63, 'is longer than 63 characters')
  .regex(/^[A-Za-z0-9._-]*$/, 'is not the name of a project');

export const namespaces = z
  .array(z.string().regex(NAMESPACE, 'is not the name of a namespace'))
  .max(1_000, 'has more than 1,000 namespaces')
  .transform((list) => [...new Set(list)].sort());

/** Name that a certificate must carry. */
export const serverName = z
  .string()
  .max(253, 'is longer than 253 characters')
  .regex(/^[A-Za-z0-9.-]+$/, 'is not a host name');

/** PEM, or base64 of PEM as kubeconfigs and cluster Secrets hold it, of one kind of block. Comes out as PEM. */
function pem(block: 'CERTIFICATE' | 'PRIVATE KEY') {
  const begin = new RegExp(`-----BEGIN ([A-Z]+ )?${block}-----[\\s\\S]+-----END ([A-Z]+ )?${block}-----`);
  return z
    .string()
    .max(MAX_PEM, 'is larger than 64 KiB')
    .transform((text, context) => {
      const plain = text.includes('-----BEGIN') ? text : textOfBase64(text);
      if (plain !== undefined && begin.test(plain)) return plain;
      context.addIssue(`must be a PEM block "${block}", or base64 of one; paths to files are not taken`);
      return z.NEVER;
    });
}

export const caData = pem('CERTIFICATE');
export const certData = pem('CERTIFICATE');
export const keyData = pem('PRIVATE KEY');

export const bearerToken = z
  .string()
  .trim()
  .max(MAX_TOKEN, 'is larger than 16 KiB')
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');

interface CredentialFields {
  readonly bearerToken?: string | undefined;
  readonly certData?: string | undefined;
  readonly keyData?: string | undefined;
}

/** Exactly one way to authenticate, or the problem. */
export function credentialsOf(
  fields: CredentialFields,
): { readonly credentials: ClusterCredentials } | { readonly problem: string } {
  const { bearerToken: token, certData: cert, keyData: key } = fields;
  if (token !== undefined && cert === undefined && key === undefined)
    return { credentials: { kind: 'bearerToken', token } };
  if (token === undefined && cert !== undefined && key !== undefined) {
    return { credentials: { kind: 'clientCertificate', certData: cert, keyData: key } };
  }
  return { problem: 'needs either bearerToken, or certData together with keyData' };
}

/** What others put into such documents and the hub does not take, and why. */
const NOT_TAKEN: Readonly<Record<string, string>> = {
  exec: 'exec plugins are not taken: they would run a program on the hub',
  execProviderConfig: 'exec plugins are not taken: they would run a program on the hub',
  awsAuthConfig: 'this runs a program on the hub and is not taken: give a token of a service account',
  authProvider: 'auth providers are not taken: they would run a program on the hub',
  proxyUrl: 'proxies are not taken',
  'proxy-url': 'proxies are not taken',
  username: 'user names and passwords are not taken: give a token or a client certificate',
  password: 'user names and passwords are not taken: give a token or a client certificate',
};

/** Why a field is refused that no schema names. */
export function unknownField(key: string): string {
  const known = Object.hasOwn(NOT_TAKEN, key) ? NOT_TAKEN[key] : undefined;
  if (known !== undefined) return known;
  return /file$/i.test(key)
    ? 'references to files are not taken: put the data into the registration'
    : 'is not a known field';
}

/** A field that may be there as long as it is empty, which is how Go writes an absent one. */
export function refused(key: string) {
  const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === '';
  return z.unknown().refine(isEmpty, unknownField(key)).optional();
}
