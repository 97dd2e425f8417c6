// Keyset cursors: the sort key of the last row of a page, as one opaque text.
import { AppError } from '@wheelwright/kernel';

const MAX_CURSOR_LENGTH = 2_048;

/** Packs the sort key of a row (its ordered columns as text) into an opaque cursor. */
export function encodeCursor(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts), 'utf8').toString('base64url');
}

/**
 * Unpacks a cursor made by {@link encodeCursor}. Throws `InvalidRequest` where the text is not one, or has another number of parts:
 * it comes from a caller, so its parts go into a query as parameters only.
 */
export function decodeCursor(cursor: string, length: number): readonly string[] {
  const parts = cursor.length <= MAX_CURSOR_LENGTH ? parse(cursor) : undefined;
  if (Array.isArray(parts) && parts.length === length && parts.every((part) => typeof part === 'string')) return parts;
  throw new AppError('InvalidRequest', 'the cursor is not one that this hub made: start from the first page');
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
