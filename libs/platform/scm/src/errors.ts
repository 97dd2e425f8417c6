// Everything that can go wrong with a Git host, as one sentence for an operator: who, where and what to do. Never a body, never a credential.
import { AppError, type ErrorCode, type JsonObject } from '@wheelwright/kernel';
import { ALLOWED_HOSTS_SETTING, ALLOWED_NETWORKS_SETTING } from './options.js';

/** `details.reason` of the errors of this package. */
export type ScmErrorReason =
  | 'InvalidAddress'
  | 'InsecureAddress'
  | 'HostNotAllowed'
  | 'AddressRefused'
  | 'Unreachable'
  | 'Timeout'
  | 'Redirected'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'RateLimited'
  | 'Failed'
  | 'TooLarge'
  | 'TooMany'
  | 'Malformed'
  | 'InvalidCredentials'
  | 'Closed';

/** Who was asked, and what for. */
export interface Asked {
  /** As an operator calls it: `GitHub`. */
  readonly provider: string;
  readonly host: string;
  /** Method and path, without the query. */
  readonly what?: string;
}

const CODES: Partial<Record<ScmErrorReason, ErrorCode>> = {
  NotFound: 'NotFound',
  RateLimited: 'Unavailable',
  Closed: 'Unavailable',
};
const MAX_WHAT = 200;

export interface ScmErrorContext {
  readonly details?: JsonObject;
  readonly cause?: unknown;
}

/** The error for a reason. `sentence` goes on after the name of the host. */
export function scmError(
  asked: Asked,
  [reason, sentence]: readonly [reason: ScmErrorReason, sentence: string],
  context: ScmErrorContext = {},
): AppError {
  const what = asked.what === undefined ? '' : ` (${asked.what.slice(0, MAX_WHAT)})`;
  return new AppError(CODES[reason] ?? 'SourceFailed', `${asked.provider} at ${asked.host} ${sentence}${what}`, {
    details: { reason, provider: asked.provider, host: asked.host, ...context.details },
    ...(context.cause === undefined ? {} : { cause: context.cause }),
  });
}

export function hostNotAllowed(asked: Asked): AppError {
  return scmError(asked, [
    'HostNotAllowed',
    `is not asked: the host is not among those that ${ALLOWED_HOSTS_SETTING} allows`,
  ]);
}

export function addressRefused(asked: Asked, why: string): AppError {
  return scmError(asked, [
    'AddressRefused',
    `is not asked: it is a ${why} address. An operator may allow its network with ${ALLOWED_NETWORKS_SETTING}`,
  ]);
}

export function malformed(asked: Asked, fault: string): AppError {
  return scmError(asked, ['Malformed', `gave an answer that cannot be used: ${fault}`]);
}

/** The error for a status that is neither 2xx, 304, 404 nor a rate limit. */
export function errorOfStatus(asked: Asked, status: number): AppError {
  const details = { status };
  if (status === 401 || status === 203) {
    return scmError(
      asked,
      ['Unauthorized', `answered ${status}: the credentials are missing, wrong or no longer valid`],
      { details },
    );
  }
  if (status === 403) {
    return scmError(asked, ['Forbidden', 'answered 403: the credentials do not permit this'], { details });
  }
  return scmError(asked, ['Failed', `answered ${status}`], { details });
}

/** The error for a request that got no answer. */
export function errorOfFailure(asked: Asked, error: unknown): AppError {
  const refused = refusalIn(error);
  if (refused !== undefined) {
    return scmError(asked, [
      'AddressRefused',
      `is not asked: ${refused.message} The setting is ${ALLOWED_NETWORKS_SETTING}`,
    ]);
  }
  const code = codeIn(error);
  return scmError(asked, ['Unreachable', `cannot be reached: ${wordsOf(code)}`], {
    ...(code === undefined ? {} : { details: { code } }),
    cause: error,
  });
}

function wordsOf(code: string | undefined): string {
  if (code === undefined) return 'the connection failed';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its name cannot be resolved';
  if (code === 'ECONNREFUSED') return 'it refuses connections';
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'it does not take connections in time';
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') return 'the connection broke off';
  if (/CERT|TLS_|SELF_SIGNED|ALTNAME|VERIFY|ISSUER/.test(code)) return `its TLS certificate is not trusted (${code})`;
  return `the connection failed (${code})`;
}

/** The refusal of the address policy somewhere in the chain of causes. */
function refusalIn(error: unknown): AppError | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof AppError && at.details['reason'] === 'AddressRefused') return at;
  }
  return undefined;
}

function codeIn(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return undefined;
}
