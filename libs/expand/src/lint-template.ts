// A template and the parameters that it will get in, a warning for each tag that will stay as it stands out.
import type { ApplicationTemplate } from '@wheelwright/intent';
import { isJsonObject, type JsonValue } from '@wheelwright/kernel';
import { tagsOf } from './flat-template.js';
import { pointerKey, warning, type Produced } from './params.js';
import type { ExpandIssue } from './types.js';

/** What looks like the name of a parameter. Anything else in braces is some other template language, and none of our business. */
const NAME = /^\.?[A-Za-z0-9_][A-Za-z0-9_./[\]-]*$/;
const MAX_TAGS = 50;
const MAX_POINTERS = 5;

/** Names of tags, and where each stands. */
type Tags = Map<string, readonly string[]>;

/**
 * One warning for each name that the generator never produces, or not for every Application. `own` is the generator's own template, at
 * `generatorPointer`: a tag that stands there is pointed to there.
 */
export function lintTemplate(
  template: ApplicationTemplate,
  produced: Produced,
  own: { readonly template: ApplicationTemplate | undefined; readonly pointer: string },
): readonly ExpandIssue[] {
  // A generator without any parameter says nothing about the names that it would produce.
  if (produced.vocabulary.names.length === 0) return [];
  const ownTags: Tags = new Map();
  if (own.template !== undefined) collectTags(own.template, `${own.pointer}/template`, ownTags);
  const tags: Tags = new Map();
  collectTags(template, '/spec/template', tags);
  return [...tags].slice(0, MAX_TAGS).flatMap(([name, pointers]) => {
    const [first = '', ...others] = ownTags.get(name) ?? pointers;
    const also = others.length === 0 ? '' : ` (also at ${others.slice(0, MAX_POINTERS).join(', ')})`;
    return lintTag(name, produced).map((message) => warning('UnresolvedParameter', first, `${message}${also}`));
  });
}

/** What is wrong with a tag of this name: one message or none. */
function lintTag(name: string, { sets, vocabulary }: Produced): readonly string[] {
  const tag = `{{${name}}}`;
  if (name.startsWith('.')) {
    return [`${tag} is Go template syntax, which needs spec.goTemplate: in a flat template write {{${name.slice(1)}}}`];
  }
  const missing = sets.filter((params) => typeof params.get(name) !== 'string').length;
  if (!vocabulary.produces(name) && (missing > 0 || sets.length === 0)) {
    const known = vocabulary.names.map((each) => `{{${each}}}`).join(', ');
    return [`${tag} is not produced by ${vocabulary.generator} and stays as it stands: use what it produces, ${known}`];
  }
  if (missing === 0) return [];
  return [
    `${tag} stays as it stands in ${String(missing)} of ${String(sets.length)} Applications, whose parameters lack it as a text`,
  ];
}

function collectTags(value: JsonValue | undefined, pointer: string, found: Tags): void {
  if (typeof value === 'string') {
    collectText(value, pointer, found);
    return;
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) collectTags(item as JsonValue, `${pointer}/${String(index)}`, found);
  } else if (isJsonObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      collectText(key, `${pointer}/${pointerKey(key)}`, found);
      collectTags(member, `${pointer}/${pointerKey(key)}`, found);
    }
  }
}

function collectText(text: string, pointer: string, found: Tags): void {
  for (const name of tagsOf(text)) {
    if (NAME.test(name)) found.set(name, [...(found.get(name) ?? []), pointer]);
  }
}
