// The answer of a preview, for the description of the API.
import { z } from 'zod';

const counts = z.object({
  create: z.int(),
  change: z.int(),
  unchanged: z.int(),
  refuse: z.int(),
  invalid: z.int(),
  remove: z.int(),
  handOver: z.int(),
});

const application = z.object({
  name: z.string(),
  action: z.enum(['create', 'change', 'unchanged', 'refuse', 'invalid']),
  project: z.string(),
  destination: z.object({
    server: z.string().optional(),
    name: z.string().optional(),
    namespace: z.string().optional(),
  }),
  origin: z.object({ generator: z.string(), params: z.record(z.string(), z.unknown()) }),
  differences: z.array(
    z.object({ pointer: z.string(), before: z.unknown().optional(), after: z.unknown().optional() }),
  ),
  reason: z.string().optional(),
});

export const issue = z.object({
  severity: z.enum(['error', 'warning']),
  code: z.string(),
  message: z.string(),
  pointer: z.string(),
  application: z.string().optional(),
});

export const previewCounts = counts;

export const previewAnswer = z.object({
  previews: z.array(
    z.object({
      set: z.string(),
      exists: z.boolean(),
      counts,
      applications: z.array(application),
      removed: z.array(z.object({ name: z.string(), cascade: z.boolean(), resources: z.int() })),
      held: z.string().nullable(),
      handedOver: z.array(z.object({ name: z.string(), set: z.string() })),
      issues: z.array(issue),
    }),
  ),
});
