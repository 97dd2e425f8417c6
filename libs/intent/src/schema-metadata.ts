// `metadata` of a declared object, by the rules of Kubernetes for names, labels and annotations.
import { z } from 'zod';
import { jsonValue, text, textMap, texts, typeMessage } from './schema-parts.js';
import type { IntentMeta } from './types.js';

/** The control namespace, where a document names none. */
export const CONTROL_NAMESPACE = 'argocd';
/** A copy of the whole object that kubectl leaves behind: noise in a declaration. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;
const MAX_ANNOTATION_LENGTH = 256 * 1024;

const name = z
  .string({ error: typeMessage('a text') })
  .max(253, 'is longer than 253 characters')
  .regex(SUBDOMAIN, 'must be lower-case letters, digits, "-" and ".", and begin and end with a letter or a digit');

const qualifiedKey = (key: string): boolean => {
  const parts = key.split('/');
  const [prefix, last] = parts.length === 2 ? parts : [undefined, parts[0]];
  if (parts.length > 2 || last === undefined || last.length > 63 || !LABEL_NAME.test(last)) return false;
  return prefix === undefined || (prefix.length <= 253 && SUBDOMAIN.test(prefix));
};

const labels = textMap.superRefine((value, context) => {
  for (const [key, label] of Object.entries(value)) {
    if (!qualifiedKey(key)) context.addIssue({ code: 'custom', path: [key], message: 'is not a valid label key' });
    if (label.length > 63 || !LABEL_VALUE.test(label)) {
      context.addIssue({
        code: 'custom',
        path: [key],
        message: 'must be at most 63 letters, digits, "-", "_" and "."',
      });
    }
  }
});

const annotations = textMap.superRefine((value, context) => {
  let length = 0;
  for (const [key, annotation] of Object.entries(value)) {
    if (!qualifiedKey(key)) context.addIssue({ code: 'custom', path: [key], message: 'is not a valid annotation key' });
    length += key.length + annotation.length;
  }
  if (length > MAX_ANNOTATION_LENGTH)
    context.addIssue({ code: 'custom', message: 'annotations are longer than 256 KiB in all' });
});

/** Fields that a live object carries and that nobody declares: taken and left out. */
const LIVE_FIELDS = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'ownerReferences',
  'selfLink',
] as const;

const liveFields = Object.fromEntries(LIVE_FIELDS.map((field) => [field, jsonValue.optional()]));

export const metadata = z
  .strictObject(
    {
      ...liveFields,
      name,
      namespace: name.nullish(),
      labels: labels.nullish(),
      annotations: annotations.nullish(),
      finalizers: texts.nullish(),
    },
    { error: typeMessage('a map with a name') },
  )
  .transform((value): IntentMeta => {
    const { [LAST_APPLIED]: _copy, ...declared } = value.annotations ?? {};
    return {
      name: value.name,
      namespace: value.namespace ?? CONTROL_NAMESPACE,
      labels: value.labels ?? {},
      annotations: declared,
      finalizers: value.finalizers ?? [],
    };
  });

/** `metadata` of a template: only these fields, every text may hold parameters, so the rules for names come after rendering. */
export const templateMetadata = {
  name: text.nullish(),
  namespace: text.nullish(),
  labels: textMap.nullish(),
  annotations: textMap.nullish(),
  finalizers: texts.nullish(),
};
