// The schema of an ApplicationSet (`compatibility.md` 2.1, 2.3). Generators that are not expanded yet are kept as they are.
import type { JsonObject } from '@wheelwright/kernel';
import { z } from 'zod';
import { envelope, template } from './schema-application.js';
import { metadata } from './schema-metadata.js';
import {
  closed,
  filledText,
  flag,
  jsonObject,
  labelSelector,
  listOf,
  text,
  textMap,
  texts,
  typeMessage,
  wholeNumber,
} from './schema-parts.js';
import type { ApplicationSet, Generator } from './types.js';

const pathItem = closed({ path: filledText, exclude: flag.nullish() });

const list = closed({
  elements: listOf(jsonObject).nullish(),
  elementsYaml: text.nullish(),
  template: template.nullish(),
});

const clusters = closed({
  selector: labelSelector.nullish(),
  values: textMap.nullish(),
  flatList: flag.nullish(),
  template: template.nullish(),
});

const git = closed({
  repoURL: filledText,
  revision: text.nullish(),
  directories: listOf(pathItem).nullish(),
  files: listOf(pathItem).nullish(),
  values: textMap.nullish(),
  pathParamPrefix: text.nullish(),
  requeueAfterSeconds: wholeNumber.min(0, 'must be 0 or more').nullish(),
  template: template.nullish(),
})
  .refine(
    ({ directories = [], files = [] }) => directories.length > 0 || files.length > 0,
    'needs directories or files: list at least one path',
  )
  .transform((value) => ({ ...value, revision: value.revision || 'HEAD' }));

/** Generators that users have and that are expanded by later versions. */
const LATER = ['matrix', 'merge', 'scmProvider', 'pullRequest', 'clusterDecisionResource', 'plugin'] as const;
const KNOWN = ['list', 'clusters', 'git', ...LATER].join(', ');

const generator = z
  .strictObject(
    {
      list: list.nullish(),
      clusters: clusters.nullish(),
      git: git.nullish(),
      selector: labelSelector.nullish(),
      matrix: jsonObject.nullish(),
      merge: jsonObject.nullish(),
      scmProvider: jsonObject.nullish(),
      pullRequest: jsonObject.nullish(),
      clusterDecisionResource: jsonObject.nullish(),
      plugin: jsonObject.nullish(),
    },
    { error: typeMessage('a map') },
  )
  .transform((value, context): Generator => {
    const later = LATER.flatMap((key): [string, JsonObject][] => (value[key] == null ? [] : [[key, value[key]]]));
    const generators = {
      ...given('list', value.list),
      ...given('clusters', value.clusters),
      ...given('git', value.git),
    };
    if (later.length === 0 && Object.keys(generators).length === 0) {
      context.addIssue({
        code: 'custom',
        message: `names no generator: give one of ${KNOWN} (an empty one is written "clusters: {}")`,
      });
    }
    return {
      ...generators,
      ...given('selector', value.selector),
      ...(later.length === 0 ? {} : { others: Object.fromEntries(later) }),
    };
  });

function given<K extends string, T>(key: K, value: T | null | undefined): { readonly [P in K]?: T } {
  // A computed key of a generic type is a plain string to the compiler.
  return value === null || value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: T });
}

const spec = closed({
  generators: listOf(generator).min(1, 'is empty: give at least one generator'),
  template,
  templatePatch: text.nullish(),
  goTemplate: flag.nullish(),
  goTemplateOptions: texts.nullish(),
  syncPolicy: closed({
    applicationsSync: z
      .enum(['create-only', 'create-update', 'create-delete', 'sync'], {
        error: typeMessage('one of create-only, create-update, create-delete, sync'),
      })
      .nullish(),
    preserveResourcesOnDeletion: flag.nullish(),
  }).nullish(),
  strategy: jsonObject.nullish(),
  preservedFields: closed({ annotations: texts.nullish(), labels: texts.nullish() }).nullish(),
  ignoreApplicationDifferences: listOf(
    closed({ name: text.nullish(), jsonPointers: texts.nullish(), jqPathExpressions: texts.nullish() }),
  ).nullish(),
  // Still in the schema of users' files; nested selectors always apply, so nothing reads it.
  applyNestedSelectors: flag.nullish(),
}).transform(({ applyNestedSelectors: _unread, ...value }) => ({ ...value, goTemplate: value.goTemplate ?? false }));

export const applicationSet = z
  .strictObject({ ...envelope, metadata, spec }, { error: typeMessage('a map') })
  .transform((value): ApplicationSet => ({ metadata: value.metadata, spec: value.spec }));
