// An answer of a spoke and the rules to ignore differences in; the answer with what their jq expressions name on both of its sides out.
import type { ResourceKey } from '@wheelwright/kernel';
import type { JqPaths, NamedPaths } from '@wheelwright/platform-jq';
import { forExpressions, type Answer, type IgnoreRules, type NamedFields } from '../index.js';

/** What runs expressions, and the rules that hold them. */
export interface Naming {
  readonly jq: Pick<JqPaths, 'pathsOf'>;
  readonly rules: Pick<IgnoreRules, 'fieldsOf'>;
}

/** Runs the expressions that are for the object. Without any, or with nothing to compare, the answer stays as it is. */
export async function nameFields({ jq, rules }: Naming, key: ResourceKey, answer: Answer): Promise<Answer> {
  const { live, dryRun } = answer;
  if (live === undefined || dryRun === undefined) return answer;
  const { expressions } = rules.fieldsOf(key);
  if (expressions.length === 0) return answer;
  const one = await jq.pathsOf(expressions, forExpressions(live));
  const other = await jq.pathsOf(expressions, forExpressions(dryRun));
  const outcomes = expressions.map((expression, at) => outcomeOf(expression, one[at], other[at]));
  const named: NamedFields = {
    live: outcomes.flatMap(({ live: paths }) => paths),
    predicted: outcomes.flatMap(({ predicted }) => predicted),
    problems: outcomes.flatMap(({ problems }) => problems),
  };
  return { ...answer, named };
}

/** A rule that fails on one side is skipped on both: half of it would make a difference of its own. */
function outcomeOf(expression: string, live: NamedPaths | undefined, predicted: NamedPaths | undefined): NamedFields {
  if (live !== undefined && predicted !== undefined && 'paths' in live && 'paths' in predicted)
    return { live: live.paths, predicted: predicted.paths, problems: [] };
  const failed = [live, predicted].find((side) => side !== undefined && 'problem' in side);
  const message = failed !== undefined && 'problem' in failed ? failed.problem : 'it was not run';
  return { live: [], predicted: [], problems: [{ expression, message }] };
}
