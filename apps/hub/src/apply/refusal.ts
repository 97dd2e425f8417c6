// The faults of a text in, the one error that says what is wrong and that nothing happened out.
import type { DocumentFault } from '@wheelwright/intent';
import { AppError } from '@wheelwright/kernel';

/** `UnsupportedKind` where every fault is of that kind, else `InvalidDocument`; the first fault is in the message, all are among the faults. */
export function refusal(faults: readonly DocumentFault[]): AppError {
  const code = faults.every((fault) => fault.code === 'UnsupportedKind') ? 'UnsupportedKind' : 'InvalidDocument';
  const [first] = faults;
  const more = faults.length > 1 ? ` (and ${String(faults.length - 1)} more)` : '';
  return new AppError(code, `Nothing was applied: line ${String(first?.line)}: ${first?.message ?? ''}${more}`, {
    faults,
  });
}
