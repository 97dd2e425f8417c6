import type { ClientBase, Pool } from 'pg';

/** The pool, or a client inside of a transaction. */
export type Queryable = Pick<Pool | ClientBase, 'query'>;
