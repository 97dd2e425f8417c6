// Whatever went wrong in; what a caller may read of it out, with the code of the error table. Everything unexpected becomes `Internal`.
import { AppError, ERRORS, type ErrorCode } from '@wheelwright/kernel';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { asAppError } from '../http/problem.js';

/** A presented error, and the failure behind it where somebody should look at it. */
export interface PresentedError {
  readonly formatted: GraphQLFormattedError;
  readonly code: ErrorCode;
  /** Present for failures of the hub itself: log it. */
  readonly failure?: unknown;
}

/** Presents each error of an execution; a validation error of Mercurius stands for several. */
export function presentErrors(errors: readonly unknown[], requestId: string): readonly PresentedError[] {
  return errors.flatMap(unfold).map((error) => presentError(error, requestId));
}

/** Mercurius hands the findings of a validation, and its other refusals, on as `errors` of one error. */
function unfold(error: unknown): readonly unknown[] {
  const cause = causeOf(error);
  if (!isMercuriusRefusal(cause) || !('errors' in cause) || !Array.isArray(cause.errors)) return [error];
  const findings: readonly unknown[] = cause.errors;
  return findings.map((item) => (item instanceof GraphQLError ? item : new GraphQLError(messageOf(item))));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'the request cannot be read';
}

/** Presents one error. Its place in the query is kept; its message only where it was written for a caller. */
export function presentError(error: unknown, requestId: string): PresentedError {
  const place = placeOf(error);
  const { code, message, faults, cause } = recognise(error);
  if (ERRORS[code].http < 500) {
    const extensions = faults.length === 0 ? { code } : { code, errors: faults };
    return { formatted: { message, ...place, extensions }, code };
  }
  const masked = { message: `${ERRORS[code].title} (request ${requestId})`, ...place, extensions: { code, requestId } };
  return { formatted: masked, code, failure: cause ?? causeOf(error) };
}

/** The same, as an error that Mercurius sends as it stands: those of subscriptions do not pass its formatter. */
export function presentAsGraphqlError(
  error: unknown,
  requestId: string,
): { readonly error: GraphQLError; readonly failure?: unknown } {
  const { formatted, failure } = presentError(unfold(error)[0], requestId);
  const presented = new GraphQLError(formatted.message, { extensions: formatted.extensions ?? {} });
  return { error: presented, ...(failure === undefined ? {} : { failure }) };
}

function recognise(error: unknown): AppError {
  const cause = causeOf(error);
  // Without a place in the result, GraphQL itself refused the request: its words are meant for the caller.
  if (error instanceof GraphQLError && error.path === undefined && cause instanceof GraphQLError) {
    return new AppError('InvalidRequest', error.message);
  }
  if (isMercuriusRefusal(cause)) return new AppError('InvalidRequest', cause.message);
  return asAppError(cause);
}

/** The thrown error inside the one that GraphQL made of it. */
function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError instanceof Error ? causeOf(error.originalError) : error;
}

/** Whether it is Mercurius that refuses a query: too deep, not a query, a mutation over GET. */
function isMercuriusRefusal(error: unknown): error is Error {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^MER_ERR_(GQL|METHOD)/.test(error.code)
  );
}

function placeOf(error: unknown): Pick<GraphQLFormattedError, 'locations' | 'path'> {
  if (!(error instanceof GraphQLError)) return {};
  const { locations, path } = error;
  return { ...(locations === undefined ? {} : { locations }), ...(path === undefined ? {} : { path }) };
}
