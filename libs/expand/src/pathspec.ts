// A path pattern in the way of `git ls-files` in, a matcher out: that is what file patterns of ApplicationSets mean unless they are doublestar globs.
import { compileGlob } from '@wheelwright/kernel';
import { runTokens, type PathPattern, type Token } from './path-match.js';

/** Characters that mean something in a pattern. */
const SPECIAL = /[*?[\\]/;

/**
 * Compiles a Git pathspec without magic: a path as it is written, a directory (which stands for everything below it), or a pattern in which `*`
 * and `?` match any character, `/` too, `[a-z]` and `[!a-z]` are classes and `\` takes the next character as it stands. Segments
 * `.` and `..` are resolved; dots at the start of a name are nothing special. Time to match is bounded by path length × pattern length.
 */
export function compilePathspec(pattern: string): PathPattern {
  if (pattern.startsWith('/'))
    return { problem: 'it starts with a slash: a pattern is relative to the root of the repository' };
  if (pattern.startsWith(':')) return { problem: 'magic words such as :(glob) are not supported' };
  const bare = normalise(pattern);
  if (bare === undefined) return { problem: 'it leads out of the repository' };
  const directory = bare.endsWith('/') || bare === '' ? bare : `${bare}/`;
  const isLiteral = (path: string): boolean => path === bare || path.startsWith(directory);
  if (!SPECIAL.test(bare)) return { matches: isLiteral };
  const tokens = tokenise(Array.from(bare));
  if (tokens === undefined) return { problem: 'a [ is not closed, or it ends with a single \\' };
  return { matches: (path) => isLiteral(path) || runTokens(tokens, Array.from(path)) };
}

/** The pattern without empty segments, `.` and `..`, as Git takes it before it looks for stars; `undefined` where it leads out of the root. */
function normalise(pattern: string): string | undefined {
  const segments: string[] = [];
  const written = pattern.split('/');
  for (const segment of written) {
    if (segment === '..' && segments.pop() === undefined) return undefined;
    if (segment !== '' && segment !== '.' && segment !== '..') segments.push(segment);
  }
  const endsInDirectory = ['', '.', '..'].includes(written.at(-1) ?? '') && segments.length > 0;
  return `${segments.join('/')}${endsInDirectory ? '/' : ''}`;
}

/**
 * Compiles a doublestar glob: `*` and `?` stay within one directory, `**` as a whole segment stands for any number of directories (none too),
 * `{a,b}` are alternatives, `[a-z]` and `[^a-z]` or `[!a-z]` are classes.
 */
export function compileDoublestar(pattern: string): PathPattern {
  const segments = pattern.replaceAll('[^', '[!').split('/');
  const last = segments.length - 1;
  const glob = segments
    .map((segment, index) => {
      if (segment !== '**') return `${segment.replace(/\*{2,}/g, '*')}${index === last ? '' : '/'}`;
      return index === last ? '**' : '{,**/}';
    })
    .join('');
  try {
    return { matches: compileGlob(glob, { separators: '/' }) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function tokenise(chars: readonly string[]): readonly Token[] | undefined {
  const tokens: Token[] = [];
  let at = 0;
  while (at < chars.length) {
    const char = chars[at] ?? '';
    at += 1;
    if (char === '*') {
      if (tokens.at(-1) !== undefined || tokens.length === 0) tokens.push(undefined);
    } else if (char === '?') {
      tokens.push(() => true);
    } else if (char === '[') {
      const parsed = readClass(chars, at);
      if (parsed === undefined) return undefined;
      tokens.push(parsed.test);
      at = parsed.end;
    } else {
      const literal = char === '\\' ? chars[at] : char;
      if (literal === undefined) return undefined;
      if (char === '\\') at += 1;
      tokens.push((c) => c === literal);
    }
  }
  return tokens;
}

const POSIX: Readonly<Record<string, RegExp>> = {
  alnum: /[A-Za-z0-9]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  digit: /[0-9]/,
  lower: /[a-z]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\v\f\r]/,
  upper: /[A-Z]/,
  xdigit: /[A-Fa-f0-9]/,
};

type Test = (char: string) => boolean;

/** Reads a class after its `[`; a `]` that comes first is a member. */
function readClass(chars: readonly string[], from: number): { readonly test: Test; readonly end: number } | undefined {
  let at = from;
  const negated = chars[at] === '!' || chars[at] === '^';
  if (negated) at += 1;
  const members: Test[] = [];
  while (chars[at] !== ']' || members.length === 0) {
    const member = readPosix(chars, at) ?? readRange(chars, at);
    if (member === undefined) return undefined;
    members.push(member.test);
    at = member.end;
  }
  return { test: (char) => members.some((test) => test(char)) !== negated, end: at + 1 };
}

function readPosix(chars: readonly string[], at: number): { readonly test: Test; readonly end: number } | undefined {
  if (chars[at] !== '[' || chars[at + 1] !== ':') return undefined;
  const close = chars.indexOf(':', at + 2);
  if (close < 0 || chars[close + 1] !== ']') return undefined;
  const name = chars.slice(at + 2, close).join('');
  const expression = Object.hasOwn(POSIX, name) ? POSIX[name] : undefined;
  return expression === undefined ? undefined : { test: (char) => expression.test(char), end: close + 2 };
}

function readRange(chars: readonly string[], from: number): { readonly test: Test; readonly end: number } | undefined {
  const low = readChar(chars, from);
  if (low === undefined) return undefined;
  const isRange = chars[low.end] === '-' && chars[low.end + 1] !== ']';
  const high = isRange ? readChar(chars, low.end + 1) : low;
  if (high === undefined) return undefined;
  return {
    test: (char) => {
      const code = char.codePointAt(0) ?? 0;
      return low.code <= code && code <= high.code;
    },
    end: high.end,
  };
}

function readChar(chars: readonly string[], from: number): { readonly code: number; readonly end: number } | undefined {
  const at = chars[from] === '\\' ? from + 1 : from;
  const code = chars[at]?.codePointAt(0);
  return code === undefined ? undefined : { code, end: at + 1 };
}
