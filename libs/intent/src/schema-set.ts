// The schema of an ApplicationSet (`compatibility.md` 2.1).
import { z } from 'zod';
import { envelope, template } from './schema-application.js';
import { generator } from './schema-generators.js';
import { metadata } from './schema-metadata.js';
import { closed, flag, jsonObject, listOf, text, texts, typeMessage } from './schema-parts.js';
import type { ApplicationSet } from './types.js';

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
