// The schema of an AppProject (`compatibility.md` 2.9). An absent list and an empty one stay different.
import { z } from 'zod';
import { envelope } from './schema-application.js';
import { metadata } from './schema-metadata.js';
import { closed, filledText, flag, jsonObject, listOf, text, texts, typeMessage } from './schema-parts.js';
import type { AppProject } from './types.js';

const kindRules = listOf(
  closed({ group: text.nullish(), kind: filledText, name: text.nullish() }).transform((rule) => ({
    ...rule,
    group: rule.group ?? '',
  })),
);

/** `!*` would deny everything and allow nothing: upstream refuses it too. */
const notDenyAll = text.refine((value) => value !== '!*', '"!*" denies everything: remove it');

const spec = closed({
  description: text.nullish(),
  sourceRepos: listOf(notDenyAll).nullish(),
  destinations: listOf(
    closed({ server: notDenyAll.nullish(), name: notDenyAll.nullish(), namespace: notDenyAll.nullish() }),
  ).nullish(),
  sourceNamespaces: texts.nullish(),
  clusterResourceWhitelist: kindRules.nullish(),
  clusterResourceBlacklist: kindRules.nullish(),
  namespaceResourceWhitelist: kindRules.nullish(),
  namespaceResourceBlacklist: kindRules.nullish(),
  permitOnlyProjectScopedClusters: flag.nullish(),
  roles: listOf(jsonObject).nullish(),
  syncWindows: listOf(jsonObject).nullish(),
  orphanedResources: jsonObject.nullish(),
  destinationServiceAccounts: listOf(jsonObject).nullish(),
});

export const appProject = z
  .strictObject({ ...envelope, metadata, spec: spec.nullish() }, { error: typeMessage('a map') })
  .transform((value): AppProject => ({ metadata: value.metadata, spec: value.spec ?? {} }));
