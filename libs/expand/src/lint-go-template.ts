// Go templates and the parameters of all generators that use them in, warnings for fields that none of them has and for texts that are no templates out.
import { formatGoValue } from '@wheelwright/go-template';
import { isJsonObject, type JsonValue } from '@wheelwright/kernel';
import { warning, type Params, type Produced, type Vocabulary } from './params.js';
import { alsoAt, type TextPlaces } from './template-texts.js';
import type { TextEngine } from './text-engine.js';
import type { ExpandIssue } from './types.js';

/** A tag that does nothing but print a field. */
const PLAIN_FIELD = /\{\{-?\s*\.([\w.]+)\s*-?\}\}/g;
const MAX_FIELDS = 50;

/** A generator that uses the template. */
interface User {
  readonly produced: Produced;
  readonly pointer: string;
}

/** One warning for each text that is no template, for each field that no user has, and for each number that is printed with an exponent. */
export function lintGoTemplate(places: TextPlaces, users: readonly User[], engine: TextEngine): readonly ExpandIssue[] {
  const issues: ExpandIssue[] = [];
  const fields = new Map<string, string[]>();
  const printed = new Set<string>();
  for (const [text, pointers] of places) {
    const { problem, fields: own } = engine.compile(text);
    if (problem !== undefined)
      issues.push(warning('GoTemplateSyntax', pointers[0] ?? '', `${problem}${alsoAt(pointers)}`));
    for (const field of own) fields.set(field, [...(fields.get(field) ?? []), ...pointers]);
    for (const [, field = ''] of text.matchAll(PLAIN_FIELD)) printed.add(field);
  }
  for (const [field, pointers] of [...fields].slice(0, MAX_FIELDS)) {
    const message = unresolved(field, users);
    if (message !== undefined)
      issues.push(warning('UnresolvedParameter', pointers[0] ?? '', `${message}${alsoAt(pointers)}`));
  }
  for (const user of users) issues.push(...lintNumbers([...printed].slice(0, MAX_FIELDS), user));
  return issues;
}

/** One warning for each place where something else than the named issues made a template print `<no value>`. */
export function lintNoValues(engine: TextEngine, issues: readonly ExpandIssue[]): readonly ExpandIssue[] {
  const known = new Set(issues.filter(({ code }) => code === 'UnresolvedParameter').map(({ pointer }) => pointer));
  return [...engine.noValues].flatMap(([pointer, count]) => {
    if (known.has(pointer)) return [];
    const message = `prints <no value> for ${String(count)} parameter sets, which lack something that it reads: use default or with, or set goTemplateOptions: ["missingkey=error"]`;
    return [warning('NoValue', pointer, message)];
  });
}

/** Why no user has the field; `undefined` where one has it, or where one of which nothing is known yet might. */
function unresolved(field: string, users: readonly User[]): string | undefined {
  if (field === '' || users.length === 0) return undefined;
  const path = field.split('.');
  const has = ({ produced: { sets, vocabulary } }: User): boolean => {
    if (vocabulary.names.length === 0) return true;
    if (names(vocabulary, path, sets.length === 0)) return true;
    return sets.some((params) => valueAt(params, path) !== undefined);
  };
  if (users.some(has)) return undefined;
  const producers = [...new Set(users.map(({ produced }) => produced.vocabulary.generator))].join(' and ');
  const known = [...new Set(users.flatMap(({ produced }) => produced.vocabulary.names))]
    .map((each) => `.${each}`)
    .join(', ');
  return `.${field} is not produced by ${producers}: it prints <no value>, or fails with missingkey=error. Use what is produced: ${known}`;
}

/** Whether a vocabulary names the field, a map that holds it, or (with `loosely`, while no parameters are there to look at) a part of a value. */
function names(vocabulary: Vocabulary, path: readonly string[], loosely: boolean): boolean {
  const field = path.join('.');
  if (vocabulary.produces(field) || vocabulary.names.some((name) => name.startsWith(`${field}.`))) return true;
  return loosely && path.some((_part, index) => vocabulary.produces(path.slice(0, index + 1).join('.')));
}

function lintNumbers(fields: readonly string[], { produced, pointer }: User): readonly ExpandIssue[] {
  return fields.flatMap((field) => {
    const path = field.split('.');
    for (const params of produced.sets) {
      const value = valueAt(params, path);
      if (typeof value !== 'number') continue;
      const text = formatGoValue(value);
      if (!text.includes('e')) continue;
      const message = `.${field} is the number ${String(value)}, which Go prints as ${text}: put it in quotes, or write {{ int64 .${field} }}`;
      return [warning('UnquotedNumber', pointer, message)];
    }
    return [];
  });
}

function valueAt(params: Params, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = params;
  for (const name of path) {
    if (!isJsonObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}
