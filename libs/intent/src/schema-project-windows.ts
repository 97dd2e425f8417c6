// The schema of sync windows: everything that could fail when a window is evaluated is refused here.
import { canonicalJson, isTimeZone, parseCron, parseDurationMs } from '@wheelwright/kernel';
import { z } from 'zod';
import { closed, filledText, flag, listOf, text, typeMessage } from './schema-parts.js';
import { glob, refuseDoubles } from './schema-project-parts.js';
import type { SyncWindow } from './types-project.js';

const schedule = text.superRefine((value, context) => {
  const parsed = parseCron(value);
  if ('problem' in parsed) context.addIssue({ code: 'custom', message: `is no schedule: it ${parsed.problem}` });
});

const duration = text.refine(
  (value) => (parseDurationMs(value) ?? 0) > 0,
  'must be a duration longer than nothing, such as 30m or 1h30m',
);

const timeZone = text.refine(
  (value) => value === '' || isTimeZone(value),
  'is no time zone: give a name such as Europe/Berlin or UTC',
);

const globs = listOf(glob).nullish();

const window = closed({
  kind: z.enum(['allow', 'deny'], { error: typeMessage('allow or deny') }),
  schedule: filledText.pipe(schedule),
  duration,
  applications: globs,
  namespaces: globs,
  clusters: globs,
  manualSync: flag.nullish(),
  timeZone: timeZone.nullish(),
  andOperator: flag.nullish(),
  syncOverrun: flag.nullish(),
  description: text.nullish(),
})
  .refine(
    ({ applications, namespaces, clusters }) =>
      [applications, namespaces, clusters].some((names) => (names ?? []).length > 0),
    'would never apply: name applications, namespaces or clusters ("*" for all)',
  )
  .transform((value): SyncWindow => value);

export const syncWindows = listOf(window).superRefine((value, context) =>
  refuseDoubles(
    context,
    value.map((one) => canonicalJson({ ...one })),
    () => 'is the same window as one before',
  ),
);
