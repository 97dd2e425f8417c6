// The schemas of a ConfigMap and of a Secret that generators name, and which ones those are. No message repeats a value.
import { isJsonObject, textOfBase64, type JsonObject } from '@wheelwright/kernel';
import { z } from 'zod';
import { envelope } from './schema-application.js';
import { metadata } from './schema-metadata.js';
import { flag, jsonValue, text, textMap, typeMessage } from './schema-parts.js';
import { SETTINGS_CONFIG_MAP, splitSettings } from './settings.js';
import type { GeneratorInput, IntentMeta } from './types.js';

export const SECRET_TYPE_LABEL = 'argocd.argoproj.io/secret-type';
const PART_OF_LABEL = 'app.kubernetes.io/part-of';
const PART_OF = 'argocd';
const INPUT_LABEL = 'wheelwright.dev/generator-input';

/** What says that an object is meant for generators, for messages. */
const SECRET_LABELS = `${SECRET_TYPE_LABEL}: scm-creds, or ${PART_OF_LABEL}: ${PART_OF}`;
const CONFIG_MAP_LABELS = `${INPUT_LABEL}: "true", or ${PART_OF_LABEL}: ${PART_OF}`;

/** As in Kubernetes: what all texts of one object may hold. */
const MAX_LENGTH = 1024 * 1024;
const MAX_KEYS = 256;
const KEY = /^[-._a-zA-Z0-9]{1,253}$/;

/** Settings of Argo CD itself: labelled as its parts are, and read by no generator. */
const SETTINGS = new Set([
  'argocd-cm',
  'argocd-cmd-params-cm',
  'argocd-gpg-keys-cm',
  'argocd-notifications-cm',
  'argocd-rbac-cm',
  'argocd-ssh-known-hosts-cm',
]);

/** Why a ConfigMap is none that generators read, in the words after "unsupported kind: …"; `undefined` where it is one. */
export function foreignConfigMap(value: JsonObject): string | undefined {
  if (holdsSettings(value)) return undefined;
  const name = textIn(value['metadata'], 'name');
  if (name !== undefined && SETTINGS.has(name)) return `the ConfigMap ${name}, which holds settings of Argo CD,`;
  const labels = isJsonObject(value['metadata']) ? value['metadata']['labels'] : undefined;
  const isLabelled = textIn(labels, INPUT_LABEL) === 'true' || textIn(labels, PART_OF_LABEL) === PART_OF;
  const { data } = value;
  const isOfPlugin = textIn(data, 'baseUrl') !== undefined;
  const isOfDecisions = textIn(data, 'kind') !== undefined && textIn(data, 'matchKey') !== undefined;
  if (isLabelled || isOfPlugin || isOfDecisions) return undefined;
  return `a ConfigMap that is not marked as an input of generators (label it ${CONFIG_MAP_LABELS})`;
}

/** Whether it is the ConfigMap with the settings that the hub shares with Argo CD. */
export function holdsSettings(value: JsonObject): boolean {
  const { metadata: meta } = value;
  const namespace = textIn(meta, 'namespace') ?? SETTINGS_CONFIG_MAP.namespace;
  return textIn(meta, 'name') === SETTINGS_CONFIG_MAP.name && namespace === SETTINGS_CONFIG_MAP.namespace;
}

/** The same of a Secret that is no cluster's. */
export function foreignSecret(value: JsonObject): string | undefined {
  const labels = isJsonObject(value['metadata']) ? value['metadata']['labels'] : undefined;
  const type = textIn(labels, SECRET_TYPE_LABEL);
  if (type === 'scm-creds' || holdsGitHubApp(value)) return undefined;
  if (type === undefined && textIn(labels, PART_OF_LABEL) === PART_OF) return undefined;
  const what = type === undefined ? `a Secret without the label ${SECRET_TYPE_LABEL}` : `a Secret of type "${type}"`;
  return `${what} (for generators label it ${SECRET_LABELS})`;
}

/** Credentials of repositories that are a GitHub App's: `appSecretName` names such a Secret. Nothing but generators reads it here. */
export function holdsGitHubApp(value: JsonObject): boolean {
  const labels = isJsonObject(value['metadata']) ? value['metadata']['labels'] : undefined;
  const key = 'githubAppPrivateKey';
  const hasKey = [value['data'], value['stringData']].some((part) => textIn(part, key) !== undefined);
  return textIn(labels, SECRET_TYPE_LABEL) === 'repo-creds' && hasKey;
}

const bounded = (data: Readonly<Record<string, string>>, context: z.RefinementCtx): void => {
  const keys = Object.keys(data);
  let length = 0;
  for (const key of keys) {
    if (!KEY.test(key)) context.addIssue({ code: 'custom', path: [key], message: 'is not a valid key' });
    length += key.length + (data[key] ?? '').length;
  }
  if (keys.length > MAX_KEYS) context.addIssue({ code: 'custom', message: `holds more than ${String(MAX_KEYS)} keys` });
  if (length > MAX_LENGTH) context.addIssue({ code: 'custom', message: 'holds more than 1 MiB of texts' });
};

const encoded = text.transform((value, context): string => {
  const decoded = textOfBase64(value);
  if (decoded !== undefined) return decoded;
  context.addIssue({ code: 'custom', message: 'must be base64 of UTF-8 text; put plain text under stringData' });
  return z.NEVER;
});

const encodedMap = z.record(z.string(), encoded, { error: typeMessage('a map of base64 texts') });
const plainMap = textMap.superRefine(bounded);

const common = { ...envelope, metadata, immutable: flag.nullish() };

/** A ConfigMap; `binaryData` cannot be what a generator reads. */
export const configMap = z
  .strictObject({ ...common, data: plainMap.nullish() }, { error: typeMessage('a map') })
  .transform((value): GeneratorInput => ({
    kind: 'ConfigMap',
    metadata: metaOf(value.metadata),
    data: value.data ?? {},
  }));

/** `argocd-cm`: kept are the settings that the hub reads, and nothing else. */
export const settingsConfigMap = configMap.transform((input): GeneratorInput => ({
  ...input,
  data: splitSettings(input.data).kept,
}));

/** A Secret, decoded: texts only. */
export const secret = z
  .strictObject(
    {
      ...common,
      type: jsonValue.optional(),
      data: encodedMap.superRefine(bounded).nullish(),
      stringData: plainMap.nullish(),
    },
    { error: typeMessage('a map') },
  )
  .transform((value): GeneratorInput => ({
    kind: 'Secret',
    metadata: metaOf(value.metadata),
    data: { ...value.data, ...value.stringData },
  }));

/** Annotations stay behind: one of them may hold the whole object in plain text. */
function metaOf({ name, namespace, labels }: IntentMeta): GeneratorInput['metadata'] {
  return { name, namespace, labels };
}

function textIn(value: unknown, key: string): string | undefined {
  const member = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return typeof member === 'string' ? member : undefined;
}
