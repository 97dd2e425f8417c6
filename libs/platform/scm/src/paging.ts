// How each kind of host cuts a list into pages: where the rows of an answer are, and what asks for the next ones.
import { isJsonObject, type JsonValue } from '@wheelwright/kernel';
import type { ScmAnswer } from './transport.js';
import type { Query } from './urls.js';

/** What asks for the next page: other parameters of the same address, or an address that the host gave. */
export type NextPage = { readonly query: Query } | { readonly url: string };

export interface Paging {
  /** The rows of a page; `undefined` where the answer has none of the right form. */
  rows(body: JsonValue | undefined): readonly JsonValue[] | undefined;
  /** `undefined` after the last page. */
  next(answer: ScmAnswer, page: { readonly query: Query; readonly rows: number }): NextPage | undefined;
}

function listOf(body: JsonValue | undefined): readonly JsonValue[] | undefined {
  return Array.isArray(body) ? (body as readonly JsonValue[]) : undefined;
}

function member(body: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(body) ? body[name] : undefined;
}

/**
 * `Link` header (GitHub, Gitea). Only the number of the page is taken from it: behind a proxy its host is often another one, and
 * nothing that a host writes decides where credentials go.
 */
export const BY_LINK: Paging = {
  rows: listOf,
  next: (answer, { query }) => {
    const page = nextLinkPage(answer.header('link') ?? '');
    return page === undefined ? undefined : { query: { ...query, page } };
  },
};

function nextLinkPage(link: string): string | undefined {
  for (const [, address = '', attributes = ''] of link.matchAll(/<([^<>]*)>([^<>]*)/g)) {
    if (!/;\s*rel="?next"?/.test(attributes) || !URL.canParse(address, 'https://host')) continue;
    return new URL(address, 'https://host').searchParams.get('page') ?? undefined;
  }
  return undefined;
}

/** `X-Next-Page` header (GitLab): empty on the last page. */
export const BY_NEXT_PAGE_HEADER: Paging = {
  rows: listOf,
  next: (answer, { query }) => {
    const page = answer.header('x-next-page') ?? '';
    return page === '' ? undefined : { query: { ...query, page } };
  },
};

/** `values`, `isLastPage` and `nextPageStart` (Bitbucket Server). */
export const BY_START: Paging = {
  rows: (body) => listOf(member(body, 'values')),
  next: (answer, { query }) => {
    const start = member(answer.body, 'nextPageStart');
    return member(answer.body, 'isLastPage') === false && typeof start === 'number'
      ? { query: { ...query, start } }
      : undefined;
  },
};

/** `values` and `next`, an address (Bitbucket Cloud). */
export const BY_NEXT_URL: Paging = {
  rows: (body) => listOf(member(body, 'values')),
  next: (answer) => {
    const url = member(answer.body, 'next');
    return typeof url === 'string' ? { url } : undefined;
  },
};

/** `value`, and a continuation token in a header (Azure DevOps). */
export const BY_CONTINUATION: Paging = {
  rows: (body) => listOf(member(body, 'value')),
  next: (answer, { query }) => {
    const continuationToken = answer.header('x-ms-continuationtoken') ?? '';
    return continuationToken === '' ? undefined : { query: { ...query, continuationToken } };
  },
};

/** `value`, from `$skip` on, until a page is empty (Azure DevOps, pull requests): a host may give fewer than `$top` asks for. */
export const BY_SKIP: Paging = {
  rows: (body) => listOf(member(body, 'value')),
  next: (_answer, { query, rows }) =>
    rows === 0 ? undefined : { query: { ...query, $skip: Number(query['$skip'] ?? 0) + rows } },
};
