// The one bearer token of a request, or a refusal that says no more than that.
import { AppError } from '@wheelwright/kernel';
import type { CredentialRequest } from './policy.js';

/** No token of ours comes near it; a longer one is not looked at. */
const MAX_TOKEN_LENGTH = 4_096;
const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]+) *$/i;

/** The refusal for every credential that is absent, malformed, unknown, expired or revoked: which of them, nobody learns. */
export function unauthenticated(): AppError {
  return new AppError(
    'Unauthenticated',
    'Send one valid bearer token: "Authorization: Bearer <token>"; POST /api/v1/session issues one',
  );
}

/**
 * The token of the `Authorization` header. Node keeps the first of several such headers and drops the rest, so they are counted
 * among the raw ones: two tokens are refused, because two readers may disagree about which one counts.
 */
export function bearerToken(request: CredentialRequest): string {
  const names = (request.raw?.rawHeaders ?? []).filter((_, index) => index % 2 === 0);
  if (names.filter((name) => name.toLowerCase() === 'authorization').length > 1) throw unauthenticated();
  const header = request.headers['authorization'];
  if (typeof header !== 'string') throw unauthenticated();
  return checkedToken(BEARER.exec(header.slice(0, MAX_TOKEN_LENGTH + 64))?.[1]);
}

/** The token if it is there and not oversized. */
export function checkedToken(token: string | undefined): string {
  if (token === undefined || token === '' || token.length > MAX_TOKEN_LENGTH) throw unauthenticated();
  return token;
}
