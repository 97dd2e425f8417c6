// An error of a spoke in, whether it is about one object out.
import type { AppError } from '@wheelwright/kernel';

/** Whether an error is the spoke's answer about this one object, and not about the spoke or the caller. */
export function isAboutTheObject(error: AppError): boolean {
  const isForbidden = error.code === 'SpokeUnauthorized' && error.details['status'] === 403;
  return isForbidden || error.code === 'SpokeRejected' || error.code === 'SpokeConflict';
}
