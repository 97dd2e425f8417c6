// `labelSelector` and `fieldSelector` of a request in, a predicate over objects out.
import { matchesSelector, parseLabelSelector } from '@wheelwright/kernel';
import { badRequest } from './api-error.js';
import { mapAt, textAt, type SimObject } from './json.js';

export type ObjectPredicate = (object: SimObject) => boolean;

/** A predicate for both selectors; undefined where neither says anything. Throws 400 for text that is not a selector. */
export function selectorPredicate(labelText: string, fieldText: string): ObjectPredicate | undefined {
  const predicates: ObjectPredicate[] = [];
  if (labelText !== '') {
    const parsed = parseLabelSelector(labelText);
    if ('problem' in parsed) throw badRequest(`unable to parse requirement: ${parsed.problem}`);
    const { selector } = parsed;
    if ((selector.matchExpressions ?? []).length > 0) {
      predicates.push((object) => matchesSelector(selector, object.metadata.labels ?? {}));
    }
  }
  for (const term of fieldText.split(',').filter((part) => part !== '')) predicates.push(fieldPredicate(term));
  if (predicates.length === 0) return undefined;
  return (object) => predicates.every((predicate) => predicate(object));
}

function fieldPredicate(term: string): ObjectPredicate {
  const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(term);
  if (match === null) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
  const [, field = '', operator, wanted = ''] = match;
  const read = fieldReader(field);
  return (object) => (read(object) === wanted) === (operator !== '!=');
}

function fieldReader(field: string): (object: SimObject) => string {
  switch (field) {
    case 'metadata.name':
      return (object) => object.metadata.name ?? '';
    case 'metadata.namespace':
      return (object) => object.metadata.namespace ?? '';
    case 'status.phase':
      return (object) => textAt(mapAt(object, 'status'), 'phase');
    case 'spec.nodeName':
      return (object) => textAt(mapAt(object, 'spec'), 'nodeName');
    // Of events; other kinds have no such field, and match nothing.
    case 'involvedObject.uid':
      return (object) => textAt(mapAt(object, 'involvedObject'), 'uid');
    case 'type':
      return (object) => textAt(object, 'type');
    default:
      throw badRequest(`field label not supported: ${field}`);
  }
}
