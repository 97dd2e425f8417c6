// The schema of an AppProject (`compatibility.md` 2.9). An absent list and an empty one stay different.
import { isJsonObject, type JsonValue } from '@wheelwright/kernel';
import { z } from 'zod';
import { envelope } from './schema-application.js';
import { metadata } from './schema-metadata.js';
import { closed, filledText, flag, jsonValue, labelSelector, listOf, text, typeMessage } from './schema-parts.js';
import { deniableGlob, glob, namespacePattern, refuseDoubles } from './schema-project-parts.js';
import { refusePolicies, roles } from './schema-project-roles.js';
import { syncWindows } from './schema-project-windows.js';
import type { AppProject, DestinationServiceAccount, KindRule } from './types-project.js';
import { withRemarks, type Remark } from './validate.js';

const kindRules = listOf(
  closed({ group: text.nullish(), kind: filledText, name: text.nullish() }).transform((rule): KindRule => ({
    ...rule,
    group: rule.group ?? '',
  })),
);

const destination = closed({
  server: deniableGlob.nullish(),
  name: deniableGlob.nullish(),
  namespace: deniableGlob.nullish(),
  clusterSelector: labelSelector.nullish(),
});

const accountGlob = glob.refine((value) => !value.startsWith('!'), 'cannot deny: the first item that matches is taken');
const ACCOUNT = /^(?:[a-z0-9](?:[-a-z0-9]*[a-z0-9])?:)?[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/;
const serviceAccount = closed({
  server: accountGlob.nullish(),
  namespace: accountGlob.nullish(),
  defaultServiceAccount: filledText
    .max(317, 'is longer than 317 characters')
    .regex(ACCOUNT, 'must be the name of a service account, or namespace:name, without wildcards and "!"'),
}).transform(({ server, namespace, defaultServiceAccount }): DestinationServiceAccount => ({
  server: server ?? '',
  namespace: namespace ?? '',
  defaultServiceAccount,
}));

const serviceAccounts = listOf(serviceAccount).superRefine((value, context) =>
  refuseDoubles(
    context,
    value.map(({ server, namespace }) => `${server} ${namespace}`),
    () => 'has the server and the namespace of an item before: it would never be taken',
  ),
);

const spec = closed({
  description: text.nullish(),
  sourceRepos: listOf(deniableGlob).nullish(),
  destinations: listOf(destination).nullish(),
  sourceNamespaces: listOf(namespacePattern).nullish(),
  clusterResourceWhitelist: kindRules.nullish(),
  clusterResourceBlacklist: kindRules.nullish(),
  namespaceResourceWhitelist: kindRules.nullish(),
  namespaceResourceBlacklist: kindRules.nullish(),
  permitOnlyProjectScopedClusters: flag.nullish(),
  roles: roles.nullish(),
  syncWindows: syncWindows.nullish(),
  orphanedResources: closed({
    warn: flag.nullish(),
    ignore: listOf(closed({ group: glob.nullish(), kind: glob.nullish(), name: glob.nullish() })).nullish(),
  }).nullish(),
  destinationServiceAccounts: serviceAccounts.nullish(),
  signatureKeys: jsonValue.nullish(),
  sourceIntegrity: jsonValue.nullish(),
});

export const appProject = withRemarks(
  z
    .strictObject({ ...envelope, metadata, spec: spec.nullish() }, { error: typeMessage('a map') })
    .superRefine((value, context) => refusePolicies(context, value.metadata.name, value.spec?.roles ?? []))
    .transform((value): AppProject => ({ metadata: value.metadata, spec: value.spec ?? {} })),
  remarksOf,
);

/** What is taken and not acted on: nobody should believe that it protects anything. */
function remarksOf(input: JsonValue): readonly Remark[] {
  const declared = isJsonObject(input) && isJsonObject(input['spec']) ? input['spec'] : {};
  const kept = ['signatureKeys', 'sourceIntegrity']
    .filter((field) => isFilled(declared[field]))
    .map((field) => ({
      path: ['spec', field],
      message: `the field "${field}" is kept, but nothing acts on it yet: signatures of commits are not verified`,
    }));
  const tokens = entriesOf(declared['roles'])
    .filter(([, role]) => isJsonObject(role) && isFilled(role['jwtTokens']))
    .map(([index]) => ({
      path: ['spec', 'roles', index, 'jwtTokens'],
      message: 'tokens that another hub issued are left out: issue API tokens here',
    }));
  return [...kept, ...tokens];
}

function isFilled(value: JsonValue | undefined): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}

function entriesOf(value: JsonValue | undefined): readonly (readonly [number, JsonValue])[] {
  return Array.isArray(value) ? [...(value as readonly JsonValue[]).entries()] : [];
}
