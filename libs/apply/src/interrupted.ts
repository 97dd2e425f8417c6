// What was done before an apply had to stop, carried by the error that stopped it.
import { AppError } from '@wheelwright/kernel';
import type { ChangeSet } from './types.js';

/** An apply that could not go on (the spoke stopped answering, another worker holds it now). What it did until then is in `changeSet`. */
export class ApplyInterrupted extends AppError {
  constructor(
    cause: AppError,
    readonly changeSet: ChangeSet,
  ) {
    super(cause.code, cause.message, { details: cause.details, faults: cause.faults, cause });
  }
}
