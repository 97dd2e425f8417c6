// What a spoke answered, or how it failed to, in; one AppError out. Everything here is hostile text: shortened, stripped of control characters and of our credentials.
import { AppError, isJsonObject, type JsonObject, type JsonValue } from '@wheelwright/kernel';

const LONGEST_MESSAGE = 1_024;
const DEFAULT_RETRY_AFTER_MS = 1_000;
const LONGEST_RETRY_AFTER_MS = 60_000;

/** Makes a text from outside fit to show. */
export type Cleaner = (text: string) => string;

/** A cleaner that also takes out the secrets given, wherever a spoke echoes them. */
export function cleanerOf(secrets: readonly string[]): Cleaner {
  const worthHiding = secrets.filter((secret) => secret.length >= 4);
  return (text) => {
    let clean = text;
    for (const secret of worthHiding) clean = clean.replaceAll(secret, '[redacted]');
    clean = clean.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
    return clean.length > LONGEST_MESSAGE ? `${clean.slice(0, LONGEST_MESSAGE)}…` : clean;
  };
}

/** An answer that is not 2xx. */
export interface FailedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The parsed body, where it is a JSON object. */
  readonly body: JsonObject | undefined;
  /** Its text may hold values that no error may repeat. */
  readonly confidential: boolean;
}

/** Maps an answer to the error that stands for it; see `SpokeClient` for the codes. */
export function errorOfAnswer(answer: FailedAnswer, clean: Cleaner): AppError {
  const { status } = answer;
  const said = statusOf(answer, clean);
  const details = { status, reason: said.reason };
  if (status === 401) {
    return new AppError('SpokeUnauthorized', `The spoke does not accept the credentials (401). Register new ones.`, {
      details,
    });
  }
  if (status === 403) {
    return new AppError('SpokeUnauthorized', `The spoke forbids the request (403): ${said.message}`, { details });
  }
  if (status === 429) {
    return new AppError('SpokeThrottled', `The spoke asks for fewer requests (429).`, {
      details: { ...details, retryAfterMs: retryAfterMs(answer) },
    });
  }
  if (status === 409) return conflict(said, details);
  if (status >= 300 && status < 400) return redirect(answer, details, clean);
  if (status >= 500 && (status !== 500 || answer.body?.['kind'] !== 'Status')) {
    return new AppError('SpokeUnreachable', `The spoke cannot answer right now (${String(status)}): ${said.message}`, {
      details,
    });
  }
  const reason = status === 404 && answer.body?.['kind'] !== 'Status' ? 'NotServed' : said.reason;
  return new AppError('SpokeRejected', `The spoke refuses the request (${String(status)}): ${said.message}`, {
    details: { ...details, reason },
  });
}

/** Milliseconds to wait after a 429, at least 1 and at most 60 seconds. */
export function retryAfterMs(answer: Pick<FailedAnswer, 'headers'>): number {
  const header = answer.headers['retry-after'];
  const seconds = typeof header === 'string' ? Number.parseInt(header, 10) : Number.NaN;
  if (!Number.isFinite(seconds)) return DEFAULT_RETRY_AFTER_MS;
  return Math.min(LONGEST_RETRY_AFTER_MS, Math.max(DEFAULT_RETRY_AFTER_MS, seconds * 1_000));
}

interface Said {
  readonly message: string;
  readonly reason: string;
  readonly causes: readonly { readonly reason: string; readonly message: string; readonly field: string }[];
}

/** What a `Status` object says. Of a confidential answer only the reason and the fields are kept: messages repeat values. */
function statusOf(answer: FailedAnswer, clean: Cleaner): Said {
  const body = answer.body?.['kind'] === 'Status' ? answer.body : undefined;
  const details = body?.['details'];
  const list: JsonValue | undefined = isJsonObject(details) ? details['causes'] : undefined;
  const causes = (Array.isArray(list) ? (list as readonly JsonValue[]) : [])
    .filter(isJsonObject)
    .slice(0, 20)
    .map((cause) => ({
      reason: textOf(cause['reason'], clean),
      message: textOf(cause['message'], clean),
      field: textOf(cause['field'], clean),
    }));
  const reason = textOf(body?.['reason'], clean);
  if (answer.confidential) {
    const fields = causes.map((cause) => cause.field).join(', ');
    return { message: `${reason || 'no reason given'}${fields === '' ? '' : ` (${fields})`}`, reason, causes };
  }
  return { message: textOf(body?.['message'], clean) || reason || 'no reason given', reason, causes };
}

function textOf(value: JsonValue | undefined, clean: Cleaner): string {
  return typeof value === 'string' ? clean(value) : '';
}

function conflict(said: Said, details: JsonObject): AppError {
  const contested = said.causes.filter((cause) => cause.reason === 'FieldManagerConflict');
  if (contested.length === 0) {
    return new AppError('SpokeConflict', `The object changed on the spoke in the meantime (409): ${said.message}`, {
      details,
    });
  }
  const managers = [...new Set(contested.map((cause) => /"([^"]*)"/.exec(cause.message)?.[1] ?? 'unknown'))].sort();
  const fields = contested.map((cause) => cause.field);
  return new AppError('SpokeConflict', `Fields are owned by ${managers.join(', ')}: ${fields.join(', ')}`, {
    details: { ...details, managers, fields },
  });
}

/** Redirects are never followed: the credentials would go along. */
function redirect(answer: FailedAnswer, details: JsonObject, clean: Cleaner): AppError {
  const location = answer.headers['location'];
  const host = typeof location === 'string' && URL.canParse(location) ? clean(new URL(location).host) : 'elsewhere';
  return new AppError(
    'SpokeRejected',
    `The spoke redirects to ${host} (${String(answer.status)}); redirects are not followed. Register the final address.`,
    { details: { ...details, reason: 'Redirect' } },
  );
}

/** Certificate faults, as Node names them: the operator can mend these. */
const CERTIFICATE_FAULT = /^(ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/** A request that got no answer: no address, no connection, no valid certificate, connection lost. */
export function errorOfFailure(error: unknown, clean: Cleaner): AppError {
  if (error instanceof AppError) return error;
  const code = codeOf(error);
  const text = clean(error instanceof Error ? error.message : String(error));
  const advice = CERTIFICATE_FAULT.test(code) ? ' Give the right tls.caData or tls.serverName.' : '';
  const message = `The spoke cannot be reached: ${[code, text].filter((part) => part !== '').join(' ')}.${advice}`;
  return new AppError('SpokeUnreachable', message, { details: { reason: code || 'ConnectionFailed' }, cause: error });
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause === undefined ? '' : codeOf(error.cause);
}
