// Regular expressions with Go's syntax, in time that grows with the text only.
import { RE2JS } from 're2js';
import { asInt, asText, fn, type CallContext, type FunctionTable, type GoFunction } from '../functions.js';
import { quoteGo } from '../quote.js';
import { GoCallError, GoSlice, type GoValue } from '../values.js';
import { joinTexts } from './strings.js';

/** The plain name and the name with `must`; they differ in what they say of a wrong expression. */
function both(name: string, make: (compile: Compile) => GoFunction): FunctionTable {
  const plain: Compile = (regex, text, context) => search(regex, text, context, 'crash');
  return { [name]: make(plain), [`must${name.charAt(0).toUpperCase()}${name.slice(1)}`]: make(search) };
}

type Compile = (regex: GoValue, text: GoValue, context: CallContext) => Matcher;

export const REGEXES: FunctionTable = {
  // Sprig's plain form takes a wrong expression for one that does not match.
  regexMatch: fn('string string', ([regex, text], context) =>
    attempt(() => search(regex, text, context).find(), false),
  ),
  mustRegexMatch: fn('string string', ([regex, text], context) => search(regex, text, context).find()),
  ...both('regexFind', (compile) =>
    fn('string string', ([regex, text], context) => matches(compile(regex, text, context), 1, context)[0]?.text ?? ''),
  ),
  ...both('regexFindAll', (compile) =>
    fn('string string int', ([regex, text, count], context) => {
      const found = matches(compile(regex, text, context), asInt(count), context).map((match) => match.text);
      return new GoSlice(found, '[]string', found.length === 0);
    }),
  ),
  ...both('regexReplaceAll', (compile) =>
    fn('string string string', ([regex, text, into], context) =>
      replace(compile(regex, text, context), { text: asText(text), into: asText(into), literal: false }, context),
    ),
  ),
  ...both('regexReplaceAllLiteral', (compile) =>
    fn('string string string', ([regex, text, into], context) =>
      replace(compile(regex, text, context), { text: asText(text), into: asText(into), literal: true }, context),
    ),
  ),
  ...both('regexSplit', (compile) =>
    fn('string string int', ([regex, text, count], context) =>
      split(
        compile(regex, text, context),
        { text: asText(text), count: asInt(count), expression: asText(regex) },
        context,
      ),
    ),
  ),
  regexQuoteMeta: fn('string', ([text]) => asText(text).replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')),
};

type Matcher = ReturnType<RE2JS['matcher']>;

/** An expression longer than this is refused: its program would take too much memory. */
const LONGEST = 4096;

// eslint-disable-next-line @typescript-eslint/max-params -- the three of every function here, and how it fails.
function search(regex: GoValue, text: GoValue, { budget }: CallContext, failure?: 'crash'): Matcher {
  const expression = asText(regex);
  if (expression.length > LONGEST)
    throw new GoCallError(`error parsing regexp: expression of more than ${LONGEST} characters`);
  const weight = weightOf(expression);
  // Each character of the text may be looked at once for each part of the expression.
  budget.work((asText(text).length + 64) * weight);
  try {
    return compiled(expression, weight).matcher(asText(text));
  } catch (error) {
    const message = error instanceof Error ? error.message : 'error parsing regexp';
    throw new GoCallError(failure === undefined ? message : `regexp: Compile(${backQuoted(expression)}): ${message}`);
  }
}

/** About how many parts the program of an expression has: counted repetitions are written out in it. */
function weightOf(expression: string): number {
  let weight = expression.length + 1;
  for (const [, least = '0', most] of expression.matchAll(/\{([0-9]+)(?:,([0-9]*))?\}/g))
    weight += 4 * Number(most || least);
  return weight;
}

/** Compiled expressions by their text: the same template compiles the same few again and again. */
const CACHE = new Map<string, RE2JS>();
const CACHE_SIZE = 200;
const CACHED_WEIGHT = 1000;

function compiled(expression: string, weight: number): RE2JS {
  const known = CACHE.get(expression);
  if (known !== undefined) return known;
  const made = RE2JS.compile(expression);
  if (CACHE.size >= CACHE_SIZE) CACHE.clear();
  if (weight <= CACHED_WEIGHT) CACHE.set(expression, made);
  return made;
}

function backQuoted(text: string): string {
  return text.includes('`') || !isPrintable(text) ? quoteGo(text) : `\`${text}\``;
}

function isPrintable(text: string): boolean {
  return quoteGo(text.replace(/["\\]/g, '')).length === text.replace(/["\\]/g, '').length + 2;
}

function attempt<T>(run: () => T, otherwise: T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof GoCallError) return otherwise;
    throw error;
  }
}

interface Match {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly groups: readonly string[];
  readonly named: (name: string) => string | undefined;
}

/** The matches in order, at most so many (all, where the count is negative). An empty match right after another is none. */
function matches(matcher: Matcher, count: number, { budget }: CallContext): readonly Match[] {
  const found: Match[] = [];
  let lastEnd = -1;
  while ((count < 0 || found.length < count) && matcher.find()) {
    budget.items(1);
    const start = matcher.start();
    const end = matcher.end();
    const repeated = start === end && start === lastEnd;
    lastEnd = end;
    if (!repeated) found.push(matchOf(matcher, start, end));
  }
  return found;
}

function matchOf(matcher: Matcher, start: number, end: number): Match {
  const groups = Array.from({ length: matcher.groupCount() + 1 }, (_none, index) => matcher.group(index) ?? '');
  const names = matcher.namedGroups;
  const named = (name: string): string | undefined => {
    const index = Object.hasOwn(names, name) ? names[name] : undefined;
    return typeof index === 'number' ? groups[index] : undefined;
  };
  return { start, end, text: groups[0] ?? '', groups, named };
}

interface Replacement {
  readonly text: string;
  readonly into: string;
  readonly literal: boolean;
}

function replace(matcher: Matcher, { text, into, literal }: Replacement, context: CallContext): string {
  const parts: string[] = [];
  let at = 0;
  let chars = text.length;
  for (const match of matches(matcher, -1, context)) {
    const made = literal ? into : expand(into, match);
    chars += made.length;
    context.budget.text(chars);
    parts.push(text.slice(at, match.start), made);
    at = match.end;
  }
  parts.push(text.slice(at));
  return joinTexts(parts, '', context);
}

/** `$1`, `${1}`, `$name` and `$$` in a replacement; a group that there is none of is empty. */
function expand(into: string, match: Match): string {
  return into.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (all, bare: string | undefined, braced: string | undefined) => {
    if (all === '$$') return '$';
    const name = bare ?? braced ?? '';
    return (/^[0-9]+$/.test(name) ? match.groups[Number(name)] : match.named(name)) ?? '';
  });
}

interface Splitting {
  readonly text: string;
  readonly count: number;
  readonly expression: string;
}

function split(matcher: Matcher, { text, count, expression }: Splitting, context: CallContext): GoSlice {
  if (count === 0) return new GoSlice([], '[]string', true);
  if (expression !== '' && text === '') return new GoSlice([''], '[]string');
  const parts: string[] = [];
  let start = 0;
  let end = 0;
  for (const match of matches(matcher, count, context)) {
    if (count > 0 && parts.length === count - 1) break;
    end = match.start;
    if (match.end !== 0) parts.push(text.slice(start, end));
    start = match.end;
  }
  if (end !== text.length) parts.push(text.slice(start));
  return new GoSlice(parts, '[]string');
}
