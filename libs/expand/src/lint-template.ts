// A flat template and the parameters that it will get in, a warning for each tag that will stay as it stands out.
import type { ExpandIssue } from './types.js';
import { formatGoValue } from '@wheelwright/go-template';
import { tagsOf } from './flat-template.js';
import { warning, type Produced } from './params.js';
import { alsoAt, type TextPlaces } from './template-texts.js';

/** What looks like the name of a parameter. Anything else in braces is some other template language, and none of our business. */
const NAME = /^\.?[A-Za-z0-9_][A-Za-z0-9_./[\]-]*$/;
/** A field in the way of Go templates, anywhere in a tag. */
const GO_FIELD = /(?:^|[\s(|-])\.([A-Za-z_]\w*(?:\.\w+)*)/;
/** What Helm's templates read: a text that is meant for Helm. */
const HELM = /^\.(?:Values|Release|Chart|Capabilities|Files|Template)\b/;
const MAX_TAGS = 50;

/**
 * One warning for each name that the generator never produces, or not for every Application. `places` are the texts of the template and where
 * they stand.
 */
export function lintFlatTemplate(
  places: TextPlaces,
  run: { readonly produced: Produced; readonly pointer: string },
): readonly ExpandIssue[] {
  const { produced, pointer } = run;
  // A generator of which nothing is known yet says nothing about the names that it would produce.
  if (produced.vocabulary.names.length === 0) return [];
  const tags = new Map<string, string[]>();
  for (const [text, pointers] of places) {
    for (const tag of tagsOf(text)) tags.set(tag, [...(tags.get(tag) ?? []), ...pointers]);
  }
  return [...tags].slice(0, MAX_TAGS).flatMap(([tag, pointers]) => {
    const issue = lintTag(tag, produced);
    if (issue === undefined) return [];
    const { code, message } = issue;
    return [
      ...(code === 'UnresolvedParameter' ? lintValue(tag, produced, pointer) : []),
      warning(code, pointers[0] ?? '', `${message}${alsoAt(pointers)}`),
    ];
  });
}

/** What is wrong with a tag of this name. */
function lintTag(
  name: string,
  { sets, vocabulary }: Produced,
): { readonly code: string; readonly message: string } | undefined {
  const tag = `{{${name}}}`;
  if (HELM.test(name)) return undefined;
  if (NAME.test(name) && name.startsWith('.')) {
    const message = `${tag} is Go template syntax, which needs spec.goTemplate: in a flat template write {{${name.slice(1)}}}`;
    return { code: 'GoTemplateSyntax', message };
  }
  const field = GO_FIELD.exec(name)?.[1];
  if (field !== undefined && vocabulary.produces(field)) {
    const message = `${tag} is Go template syntax, which needs spec.goTemplate: a flat template only replaces names, such as {{${field}}}`;
    return { code: 'GoTemplateSyntax', message };
  }
  if (!NAME.test(name)) return undefined;
  const missing = sets.filter((params) => !Object.hasOwn(params, name) || typeof params[name] !== 'string').length;
  if (!vocabulary.produces(name) && (missing > 0 || sets.length === 0)) {
    const known = vocabulary.names.map((each) => `{{${each}}}`).join(', ');
    const message = `${tag} is not produced by ${vocabulary.generator} and stays as it stands: use what it produces, ${known}`;
    return { code: 'UnresolvedParameter', message };
  }
  if (missing === 0) return undefined;
  const message = `${tag} stays as it stands in ${String(missing)} of ${String(sets.length)} Applications, whose parameters lack it as a text`;
  return { code: 'UnresolvedParameter', message };
}

/** Why a tag stays although its name is produced: a value is there, and is no text. */
function lintValue(name: string, { sets }: Produced, pointer: string): readonly ExpandIssue[] {
  const value = sets
    .map((params) => (Object.hasOwn(params, name) ? params[name] : undefined))
    .find((each) => each !== undefined && typeof each !== 'string');
  if (value === undefined) return [];
  if (typeof value === 'number' || typeof value === 'boolean') {
    const message = `${name} is not a text: selectors see it as ${formatGoValue(value)}, and flat templates leave {{${name}}} as it stands. Put it in quotes.`;
    return [warning(typeof value === 'number' ? 'UnquotedNumber' : 'NotText', pointer, message)];
  }
  const message = `${name} is not a text: flat templates leave {{${name}}} as it stands. Write flat elements with texts.`;
  return [warning('NotText', pointer, message)];
}
