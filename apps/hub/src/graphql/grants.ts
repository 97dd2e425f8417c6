// Which rows a caller may see, as one SQL predicate. Every query builder of this folder takes it: nothing is filtered after the read.
import type { Actor } from '@wheelwright/access';
import type { Params } from './reader.js';

/** Adds its parameters to the statement and answers the predicate over the column that holds the project of a row. */
export type Grants = (params: Params, projectColumn: string) => string;

/**
 * The grants of a caller. Both roles see every row for now, so the predicate is `true`; rules by project change this function only.
 */
export function grantsPredicate(actor: Actor): Grants {
  switch (actor.role) {
    case 'admin':
    case 'readonly':
      return () => 'true';
  }
}
