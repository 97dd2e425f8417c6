// What one run of a job came to: a union, so that contradictory pairs cannot be written.
import type { AppError } from './errors.js';

export type Outcome =
  /** Nothing more to do for this key. */
  | { readonly kind: 'done' }
  /** There is more to do at once (a slice ended before its work did). */
  | { readonly kind: 'again'; readonly why: string }
  /** It failed, and the same key is worth trying later. */
  | { readonly kind: 'retry'; readonly error: AppError }
  /** It failed, and trying again cannot help until an input changes. */
  | { readonly kind: 'stalled'; readonly error: AppError };

export const done: Outcome = { kind: 'done' };
