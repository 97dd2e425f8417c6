// Forms that answers of all hosts share: what they write becomes parameters of templates, so it is text of a bounded length.
import { z } from 'zod';

export const NAME = z.string().min(1).max(1_024);
/** Titles, addresses. */
export const TEXT = z.string().max(4_096);
/** A commit, whole or shortened; SHA-1 or SHA-256. */
export const SHA = z.string().regex(/^[0-9a-f]{7,64}$/, 'expected a commit');
export const COUNT = z.number().int().nonnegative();
export const LABEL_NAMES = z.array(TEXT);
/** `[{ name }]` as names. */
export const LABELS = z
  .array(z.object({ name: TEXT }))
  .nullish()
  .transform((labels) => (labels ?? []).map(({ name }) => name));
/** A name that may be missing, `null` or empty. */
export const OPTIONAL_NAME = z
  .string()
  .max(1_024)
  .nullish()
  .transform((name) => (name === null || name === '' ? undefined : name));
