// The schema of an Application, and of the template that sets make Applications of (`compatibility.md` 2.5).
import { parseDurationMs, type JsonObject } from '@wheelwright/kernel';
import { z } from 'zod';
import { metadata, templateMetadata } from './schema-metadata.js';
import {
  closed,
  filledText,
  flag,
  jsonObject,
  jsonValue,
  listOf,
  text,
  textMap,
  texts,
  typeMessage,
  wholeNumber,
} from './schema-parts.js';
import type { Application, ApplicationSource, ApplicationSpec, ApplicationTemplate } from './types.js';

/** A duration as Go writes it. Kubernetes takes a plain number of seconds here too. */
const duration = text.refine(
  (value) => parseDurationMs(value) !== undefined || /^\d+$/.test(value),
  'must be a duration such as 5s or 1m30s',
);

const source = closed({
  repoURL: filledText,
  path: text.nullish(),
  targetRevision: text.nullish(),
  chart: text.nullish(),
  ref: text.nullish(),
  name: text.nullish(),
  directory: closed({
    recurse: flag.nullish(),
    include: text.nullish(),
    exclude: text.nullish(),
    jsonnet: jsonObject.nullish(),
  })
    .transform(({ jsonnet: _jsonnet, ...options }) => options)
    .nullish(),
  helm: jsonObject.nullish(),
  kustomize: jsonObject.nullish(),
  plugin: jsonObject.nullish(),
}).transform((value): ApplicationSource => value);

const destination = closed({ server: text.nullish(), name: text.nullish(), namespace: text.nullish() });

const syncPolicy = closed({
  automated: closed({
    prune: flag.nullish(),
    selfHeal: flag.nullish(),
    allowEmpty: flag.nullish(),
    enabled: flag.nullish(),
  }).nullish(),
  syncOptions: texts.nullish(),
  retry: closed({
    limit: wholeNumber.min(-1, 'must be -1 (endless) or more').nullish(),
    refresh: flag.nullish(),
    backoff: closed({
      duration: duration.nullish(),
      factor: wholeNumber.min(1, 'must be 1 or more').nullish(),
      maxDuration: duration.nullish(),
    }).nullish(),
  }).nullish(),
  managedNamespaceMetadata: closed({ labels: textMap.nullish(), annotations: textMap.nullish() }).nullish(),
});

const ignoreDifference = closed({
  group: text.nullish(),
  kind: filledText,
  name: text.nullish(),
  namespace: text.nullish(),
  jsonPointers: texts.nullish(),
  jqPathExpressions: texts.nullish(),
  managedFieldsManagers: texts.nullish(),
});

/** What both an Application and a template may hold. */
const common = {
  project: text.nullish(),
  sources: listOf(source).nullish(),
  syncPolicy: syncPolicy.nullish(),
  ignoreDifferences: listOf(ignoreDifference).nullish(),
  info: listOf(jsonValue).nullish(),
  revisionHistoryLimit: wholeNumber.min(0, 'must be 0 or more').nullish(),
};

const WHERE_TO = 'give spec.destination.server or spec.destination.name';
const WHAT = 'give spec.source (repoURL and path) or spec.sources';

const spec = z
  .strictObject(
    { ...common, source: source.nullish(), destination: destination.nullish() },
    { error: typeMessage('a map') },
  )
  .superRefine((value, context) => {
    if (value.source == null && (value.sources ?? []).length === 0) {
      context.addIssue({ code: 'custom', path: ['source'], message: `is missing: ${WHAT}` });
    }
    const given = [value.destination?.server, value.destination?.name].filter(
      (part) => part !== undefined && part !== '',
    ).length;
    if (given === 0) context.addIssue({ code: 'custom', path: ['destination'], message: `is missing: ${WHERE_TO}` });
    if (given === 2)
      context.addIssue({
        code: 'custom',
        path: ['destination'],
        message: `names both a server and a cluster name: ${WHERE_TO}, not both`,
      });
  })
  .transform((value): ApplicationSpec => {
    const { server, name, namespace } = value.destination ?? {};
    return {
      project: value.project || 'default',
      ...(value.source == null ? {} : { source: value.source }),
      ...(value.sources == null ? {} : { sources: value.sources }),
      destination: { ...(server ? { server } : {}), ...(name ? { name } : {}), ...(namespace ? { namespace } : {}) },
      ...(value.syncPolicy == null ? {} : { syncPolicy: value.syncPolicy }),
      ...(value.ignoreDifferences == null ? {} : { ignoreDifferences: value.ignoreDifferences }),
      ...(value.info == null ? {} : { info: value.info }),
      ...(value.revisionHistoryLimit == null ? {} : { revisionHistoryLimit: value.revisionHistoryLimit }),
    };
  });

/** Members of every declared object beside `metadata` and `spec`; those of a live object are taken and left out. */
export const envelope = { apiVersion: text, kind: text, status: jsonValue.optional(), operation: jsonValue.optional() };

export const application = z
  .strictObject({ ...envelope, metadata, spec }, { error: typeMessage('a map') })
  .transform((value): Application => ({ metadata: value.metadata, spec: value.spec }));

/** A template may be partial (a generator's own one is merged over the set's), and its texts hold parameters. */
export const template = closed({
  metadata: closed(templateMetadata).nullish(),
  spec: closed({
    ...common,
    source: source.nullish(),
    destination: destination.nullish(),
    syncPolicy: jsonObject.nullish(),
    ignoreDifferences: listOf(jsonObject).nullish(),
  }).nullish(),
}).transform((value): ApplicationTemplate => plain(value));

/** A validated value as the JSON it is. */
function plain(value: object): JsonObject {
  return Object.fromEntries(Object.entries(value));
}
