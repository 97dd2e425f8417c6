// Flat templates (`goTemplate: false`): `{{ name }}` in any text or map key in, the parameter's text out. No other logic exists.
import { AppError, isJsonObject, type JsonObject, type JsonValue } from '@wheelwright/kernel';
import type { Params } from './params.js';

const OPEN = '{{';
const CLOSE = '}}';

/** A text cut at its tags: texts[0] tags[0] texts[1] … */
interface Cut {
  readonly texts: readonly string[];
  readonly tags: readonly string[];
}

/** Names of the parameters that a text asks for, trimmed, in order. */
export function tagsOf(text: string): readonly string[] {
  return cut(text).tags.map((tag) => tag.trim());
}

/**
 * Replaces each tag by the parameter of that name. A name that is unknown, or whose value is not a text, leaves the tag as it stands.
 * Throws ExpandFailed where a tag is opened and not closed beside another one that is, as Argo CD does.
 */
export function renderText(text: string, params: Params): string {
  const { texts, tags } = cut(text);
  if (tags.length === 0) return text;
  const unclosed = texts.at(-1)?.indexOf(OPEN) ?? -1;
  if (unclosed >= 0) throw notClosed(texts.at(-1)?.slice(unclosed, unclosed + 40) ?? '');
  let out = texts[0] ?? '';
  for (const [index, tag] of tags.entries()) {
    const value = params.get(tag.trim());
    out += typeof value === 'string' ? value : `${OPEN}${tag}${CLOSE}`;
    out += texts[index + 1] ?? '';
  }
  return out;
}

/** Renders every text and every key of a map inside of a value. Where two keys become one, the later one wins. */
export function renderValue(value: JsonValue, params: Params): JsonValue {
  if (typeof value === 'string') return renderText(value, params);
  if (typeof value !== 'object' || value === null) return value;
  if (!isJsonObject(value)) return value.map((item) => renderValue(item, params));
  return renderObject(value, params);
}

/** {@link renderValue} of an object. */
export function renderObject(object: JsonObject, params: Params): JsonObject {
  const entries = Object.entries(object).flatMap(([key, member]): readonly (readonly [string, JsonValue])[] =>
    member === undefined ? [] : [[renderText(key, params), renderValue(member, params)]],
  );
  return Object.fromEntries(entries);
}

function notClosed(shown: string): AppError {
  const message = `the template holds "${shown}", a tag without its "}}": close it, or write it without "{{"`;
  return new AppError('ExpandFailed', message);
}

function cut(text: string): Cut {
  const texts: string[] = [];
  const tags: string[] = [];
  let from = 0;
  for (;;) {
    const open = text.indexOf(OPEN, from);
    const close = open < 0 ? -1 : text.indexOf(CLOSE, open + OPEN.length);
    if (open < 0 || close < 0) {
      texts.push(text.slice(from));
      return { texts, tags };
    }
    texts.push(text.slice(from, open));
    tags.push(text.slice(open + OPEN.length, close));
    from = close + CLOSE.length;
  }
}
