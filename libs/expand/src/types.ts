// The door of expansion: a set and the facts it needs in, the complete list of Applications and the issues found out.
import type { Application } from '@wheelwright/intent';
import type { JsonObject } from '@wheelwright/kernel';
import type { FactRequest } from './facts.js';

/** Something that the author of a set should know. An `error` issue concerns one Application or one generator. */
export interface ExpandIssue {
  readonly severity: 'error' | 'warning';
  /** Stable code, such as `TrailingSlash`, `UnresolvedParameter`, `EmptyResult`, `DuplicateName`, `UnknownDestination`. */
  readonly code: string;
  /** What is wrong and what to do about it. */
  readonly message: string;
  /** Where in the set, as a JSON pointer. */
  readonly pointer: string;
  /** The Application concerned, where it is one. */
  readonly application?: string;
}

/** Why an Application is generated: the element of `generators` and the parameters that the template got. */
export interface Origin {
  /** JSON pointer, such as `/spec/generators/0/git`. */
  readonly generator: string;
  readonly params: JsonObject;
}

/** One generated Application. An invalid one is never written, and never makes the row of that name disappear. */
export interface ExpandedApplication {
  readonly application: Application;
  readonly valid: boolean;
  readonly origin: Origin;
}

/** A complete expansion: sorted by name. A failed one is thrown as `ExpandFailed` and changes nothing. */
export interface Expansion {
  readonly applications: readonly ExpandedApplication[];
  readonly issues: readonly ExpandIssue[];
}

/** What an expansion comes to: complete, or the facts that it lacks. */
export type ExpandResult =
  | { readonly kind: 'complete'; readonly expansion: Expansion }
  | { readonly kind: 'needs'; readonly requests: readonly FactRequest[] };
