// A request body or query and a closed schema in; the typed value, or every fault with its pointer, out.
import { AppError } from '@wheelwright/kernel';
import type { z } from 'zod';

/** Parses a body. `InvalidDocument` (422) names each fault by JSON pointer; values are never repeated. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  const faults = result.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ pointer: pointerOf([...issue.path, key]), message: 'this field is unknown' }))
      : [{ pointer: pointerOf(issue.path), message: issue.message }],
  );
  throw new AppError('InvalidDocument', 'The body is not valid; see errors', { faults });
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** `true`, `false` or absent (`false`). Anything else is refused: `?dryRun=yes` must not write. */
export function flagOf(name: string, value: unknown): boolean {
  if (value === undefined || value === 'false') return false;
  if (value === 'true' || value === '') return true;
  throw new AppError('InvalidRequest', `The parameter ${name} must be true or false`);
}
