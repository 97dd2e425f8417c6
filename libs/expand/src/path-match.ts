// A shell pattern in, a matcher out, with the rules of Go's `path.Match`: that is what directory patterns of ApplicationSets mean.

/** Reads one character; `undefined` marks a star. */
export type Token = ((char: string) => boolean) | undefined;

/** A pattern that can be matched, or the reason why it is none. */
export type PathPattern = { readonly matches: (path: string) => boolean } | { readonly problem: string };

/**
 * Compiles a pattern: `*` and `?` match anything but `/`, `[a-z]` and `[^a-z]` are classes, `\` takes the next character as it stands,
 * and the whole path must match. Time to match is bounded by path length × pattern length.
 */
export function compilePathPattern(pattern: string): PathPattern {
  const chars = Array.from(pattern);
  const tokens: Token[] = [];
  let at = 0;
  while (at < chars.length) {
    const char = chars[at] ?? '';
    at += 1;
    if (char === '*') {
      if (tokens.length === 0 || tokens.at(-1) !== undefined) tokens.push(undefined);
    } else if (char === '?') {
      tokens.push((c) => c !== '/');
    } else if (char === '[') {
      const parsed = parseClass(chars, at);
      if (parsed === undefined) return { problem: 'a [ is not closed, or its class is not valid' };
      tokens.push(parsed.test);
      at = parsed.end;
    } else if (char === '\\') {
      const literal = chars[at];
      if (literal === undefined) return { problem: 'it ends with a single \\' };
      tokens.push((c) => c === literal);
      at += 1;
    } else {
      tokens.push((c) => c === char);
    }
  }
  return { matches: (path) => runTokens(tokens, Array.from(path), '/') };
}

/**
 * Walks both at once. On a mismatch the last star takes one character more; earlier stars are never asked again, which is what Go does
 * too: it settles for the leftmost match of each part between stars. A star does not match `barrier`.
 */
export function runTokens(tokens: readonly Token[], chars: readonly string[], barrier?: string): boolean {
  let token = 0;
  let at = 0;
  let star = -1;
  let starAt = 0;
  while (at < chars.length || token < tokens.length) {
    const isStar = token < tokens.length && tokens[token] === undefined;
    const char = chars[at];
    if (isStar) {
      star = token;
      starAt = at;
      token += 1;
    } else if (char !== undefined && tokens[token]?.(char) === true) {
      token += 1;
      at += 1;
    } else {
      const taken = chars[starAt];
      if (star < 0 || taken === undefined || taken === barrier) return false;
      starAt += 1;
      at = starAt;
      token = star + 1;
    }
  }
  return true;
}

function parseClass(
  chars: readonly string[],
  from: number,
): { readonly test: (char: string) => boolean; readonly end: number } | undefined {
  let at = from;
  const negated = chars[at] === '^';
  if (negated) at += 1;
  const ranges: { readonly low: number; readonly high: number }[] = [];
  while (chars[at] !== ']' || ranges.length === 0) {
    const low = classChar(chars, at);
    if (low === undefined) return undefined;
    at = low.end;
    let high = low;
    if (chars[at] === '-') {
      const end = classChar(chars, at + 1);
      if (end === undefined) return undefined;
      high = end;
      at = end.end;
    }
    ranges.push({ low: low.code, high: high.code });
  }
  const test = (char: string): boolean => {
    const code = char.codePointAt(0) ?? 0;
    return ranges.some(({ low, high }) => low <= code && code <= high) !== negated;
  };
  return { test, end: at + 1 };
}

/** One character of a class, and where the next one starts. A class that ends here is not closed. */
function classChar(
  chars: readonly string[],
  from: number,
): { readonly code: number; readonly end: number } | undefined {
  const first = chars[from];
  if (first === undefined || first === '-' || first === ']') return undefined;
  const at = first === '\\' ? from + 1 : from;
  const code = chars[at]?.codePointAt(0);
  return code === undefined || at + 1 >= chars.length ? undefined : { code, end: at + 1 };
}
