// Flat templates (`goTemplate: false`): `{{ name }}` in any text in, the parameter's text out. No other logic exists.
import type { Params } from './params.js';

const OPEN = '{{';
const CLOSE = '}}';

/** A text cut at its tags: texts[0] tags[0] texts[1] … */
interface Cut {
  readonly texts: readonly string[];
  readonly tags: readonly string[];
}

/** A flat template, cut once. */
export interface FlatText {
  /** Names of the parameters that it asks for, trimmed, in order. */
  readonly names: readonly string[];
  /** Why it cannot be rendered: a tag is opened and not closed beside another one that is. */
  readonly problem?: string;
  /** A name that is unknown, or whose value is not a text, leaves the tag as it stands. */
  readonly render: (params: Params) => string;
}

/** Names of the parameters that a text asks for, trimmed, in order. */
export function tagsOf(text: string): readonly string[] {
  return cut(text).tags.map((tag) => tag.trim());
}

/** Cuts a text at its tags. As in Argo CD a text without any complete tag is no template, whatever braces it holds. */
export function compileFlatText(text: string): FlatText {
  const { texts, tags } = cut(text);
  if (tags.length === 0) return { names: [], render: () => text };
  const names = tags.map((tag) => tag.trim());
  const unclosed = texts.at(-1)?.indexOf(OPEN) ?? -1;
  if (unclosed >= 0) {
    const shown = texts.at(-1)?.slice(unclosed, unclosed + 40) ?? '';
    const problem = `the template holds "${shown}", a tag without its "}}": close it, or write it without "{{"`;
    return { names, problem, render: () => text };
  }
  const kept = tags.map((tag) => `${OPEN}${tag}${CLOSE}`);
  const render = (params: Params): string => {
    let out = texts[0] ?? '';
    for (const [index, name] of names.entries()) {
      const value = name !== '' && Object.hasOwn(params, name) ? params[name] : undefined;
      out += typeof value === 'string' ? value : (kept[index] ?? '');
      out += texts[index + 1] ?? '';
    }
    return out;
  };
  return { names, render };
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
