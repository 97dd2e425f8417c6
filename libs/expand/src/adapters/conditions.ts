// What an expansion came to in, the conditions of its set out. Pure: the time is an input.
import type { AppError } from '@wheelwright/kernel';
import type { SetChangeResult } from '../ports.js';
import type { ExpandIssue } from '../types.js';
import type { SetCondition } from './facts.js';

type Verdict = Omit<SetCondition, 'since' | 'type'>;

const ALL_TYPES = ['ErrorOccurred', 'ParametersGenerated', 'ResourcesUpToDate'] as const;

/** Conditions of an expansion that is complete, whatever its Applications came to. */
export function completedVerdicts(
  issues: readonly ExpandIssue[],
  result: SetChangeResult,
): Readonly<Record<SetCondition['type'], Verdict>> {
  const problem = problemOf(issues, result);
  return {
    ErrorOccurred:
      problem === undefined
        ? { status: 'False', reason: 'ApplicationSetUpToDate', message: 'The last expansion was complete' }
        : { status: 'True', ...problem },
    ParametersGenerated: { status: 'True', reason: 'ParametersGenerated', message: 'All generators answered' },
    ResourcesUpToDate: problem === undefined ? settled(result) : { status: 'False', ...problem },
  };
}

/** Conditions of an expansion that failed, or that waits: nothing was changed for it. */
export function failedVerdicts(error: AppError): Readonly<Record<SetCondition['type'], Verdict>> {
  const reason = error.code === 'SourceFailed' ? 'ErrorOccurred' : 'ApplicationGenerationFromParamsError';
  return {
    ErrorOccurred: { status: 'True', reason, message: error.message },
    ParametersGenerated: { status: 'False', reason: 'ErrorOccurred', message: error.message },
    ResourcesUpToDate: { status: 'False', reason: 'ErrorOccurred', message: 'The Applications stay as they are' },
  };
}

/** Conditions of a set whose repositories have not been read yet. */
export function waitingVerdicts(message: string): Readonly<Record<SetCondition['type'], Verdict>> {
  return {
    ErrorOccurred: { status: 'False', reason: 'ApplicationSetModified', message },
    ParametersGenerated: { status: 'False', reason: 'ApplicationSetModified', message },
    ResourcesUpToDate: { status: 'False', reason: 'ApplicationSetModified', message },
  };
}

/** Gives each condition its time: that of before where it says the same as before. */
export function timeConditions(
  verdicts: Readonly<Record<SetCondition['type'], Verdict>>,
  before: readonly SetCondition[],
  now: string,
): readonly SetCondition[] {
  return ALL_TYPES.map((type) => {
    const verdict = verdicts[type];
    const same = before.find(
      (each) =>
        each.type === type &&
        each.status === verdict.status &&
        each.reason === verdict.reason &&
        each.message === verdict.message,
    );
    return { type, ...verdict, since: same?.since ?? now };
  });
}

function settled({ held, deferred }: SetChangeResult): Verdict {
  if (held !== null) return { status: 'False', reason: 'DeleteApplicationError', message: held.reason };
  if (deferred !== null)
    return { status: 'False', reason: 'ApplicationSetModified', message: waitingMessage(deferred.names) };
  return {
    status: 'True',
    reason: 'ApplicationSetUpToDate',
    message: 'All Applications are as the set declares them',
  };
}

function waitingMessage([first = '', ...others]: readonly string[]): string {
  const more = others.length > 0 ? ` (and ${String(others.length)} more)` : '';
  return `${first}${more} stays until other sets that changed are expanded: one of them may take it over`;
}

/** As in Argo CD, the last fault in order of name, and how many there are besides. */
function problemOf(
  issues: readonly ExpandIssue[],
  { refused }: SetChangeResult,
): { readonly reason: string; readonly message: string } | undefined {
  const errors = issues.filter(({ severity, code }) => severity === 'error' && code !== NAME_TAKEN);
  const last = errors.at(-1);
  if (last !== undefined) {
    const others = errors.length + refused.length - 1;
    const message = `${last.application ?? last.pointer}: ${last.message}${others > 0 ? ` (and ${String(others)} more)` : ''}`;
    return { reason: 'ApplicationValidationError', message };
  }
  const taken = refused.at(-1);
  if (taken === undefined) return undefined;
  const more = refused.length > 1 ? ` (and ${String(refused.length - 1)} more)` : '';
  return { reason: 'CreateApplicationError', message: `${taken.name}: ${taken.reason}${more}` };
}

/** Code of the issue of an Application that was not written because its name is not free. */
export const NAME_TAKEN = 'NameTaken';
