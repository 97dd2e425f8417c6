// A label selector in, a SQL condition over a jsonb column of labels out: the same meaning as `matchesSelector` of the kernel.
import { AppError, parseLabelSelector, type LabelSelector, type SelectorRequirement } from '@wheelwright/kernel';
import type { Params } from './reader.js';

const MAX_SELECTOR_LENGTH = 1_000;

/** Parses the text form (`a=b,c in (d,e),!f`). Throws `InvalidRequest` with the reason where it is not one. */
export function readSelector(text: string): LabelSelector {
  if (text.length > MAX_SELECTOR_LENGTH) {
    throw new AppError('InvalidRequest', `a label selector has at most ${MAX_SELECTOR_LENGTH} characters`);
  }
  const parsed = parseLabelSelector(text);
  if ('problem' in parsed) throw new AppError('InvalidRequest', `the label selector cannot be read: ${parsed.problem}`);
  return parsed.selector;
}

/** The conditions of a selector over `column`; all must hold. */
export function selectorConditions(params: Params, column: string, selector: LabelSelector): string[] {
  const matchLabels = selector.matchLabels ?? {};
  return [
    ...(Object.keys(matchLabels).length === 0
      ? []
      : [`${column} @> ${params.bind(JSON.stringify(matchLabels))}::jsonb`]),
    ...(selector.matchExpressions ?? []).map((requirement) => requirementCondition(params, column, requirement)),
  ];
}

function requirementCondition(params: Params, column: string, requirement: SelectorRequirement): string {
  const key = `${params.bind(requirement.key)}::text`;
  switch (requirement.operator) {
    case 'In':
      return `${column} ->> ${key} = ANY(${params.bind([...(requirement.values ?? [])])}::text[])`;
    case 'NotIn':
      // As in Kubernetes, an absent key satisfies it.
      return `(${column} ->> ${key} = ANY(${params.bind([...(requirement.values ?? [])])}::text[])) IS NOT TRUE`;
    case 'Exists':
      return `${column} ? ${key}`;
    case 'DoesNotExist':
      return `NOT ${column} ? ${key}`;
  }
}
