// Keyset pages: arguments in, a bounded window out; rows in, a Relay connection out.
import { AppError } from '@wheelwright/kernel';
import { decodeCursor, encodeCursor } from '@wheelwright/platform-store';

export const DEFAULT_PAGE = 50;
export const MAX_PAGE = 200;

/** What a caller asks for; GraphQL hands an explicit `null` on as `null`. */
export interface PageRequest {
  readonly first: number;
  readonly after?: string | null;
}

/** A checked page: how many rows, and after which sort key (absent: from the start). */
export interface PageWindow {
  readonly first: number;
  readonly after?: readonly string[];
}

/**
 * Checks a page request. `keyLength` is how many parts the sort key has.
 * Throws `InvalidRequest` where the size is outside 1..200 or the cursor is not ours.
 */
export function pageWindow(request: PageRequest, keyLength: number): PageWindow {
  const { first, after } = request;
  if (first < 1 || first > MAX_PAGE) {
    throw new AppError('InvalidRequest', `"first" must be between 1 and ${MAX_PAGE}; read on with "after"`);
  }
  return after === undefined || after === null ? { first } : { first, after: decodeCursor(after, keyLength) };
}

/** The rows of one page, each with its sort key, and whether more follow. */
export interface PageRows<Node> {
  readonly rows: readonly { readonly key: readonly string[]; readonly node: Node }[];
  readonly hasNextPage: boolean;
}

/** Cuts the one row too many that a page statement reads, which says whether there is a next page. */
export function cutPage<Row, Node>(
  rows: readonly Row[],
  window: PageWindow,
  map: (row: Row) => { readonly key: readonly string[]; readonly node: Node },
): PageRows<Node> {
  return { rows: rows.slice(0, window.first).map(map), hasNextPage: rows.length > window.first };
}

/** Where a connection reads from: called at most once each, and only if a query asks for it. */
export interface ConnectionSource<Node> {
  page(): Promise<PageRows<Node>>;
  count(): Promise<number>;
}

/** The opaque cursor of a sort key. */
export const cursorOf = (key: readonly string[]): string => encodeCursor(key);
