// A glob pattern in, a matcher out. The matcher walks a set of states, so its time is bounded by text length × pattern length, whatever the pattern.
import { AppError } from './errors.js';

export interface GlobOptions {
  /** Characters that `*` and `?` do not match. Default: none, so that `*` crosses everything. */
  readonly separators?: string;
}

/** Longest pattern that is taken, in characters. */
const MAX_PATTERN = 4_096;
/** Deepest nesting of `{…}` that is taken. */
const MAX_DEPTH = 16;

type Test = (char: string) => boolean;

/** One state of the automaton: reads one character that passes `test`, or moves on without reading (`next` only); `reads` with no test never happens. */
interface State {
  readonly test?: Test;
  readonly next: number[];
}

/**
 * Compiles the globs that `AppProject` and directory sources use (the `gobwas` dialect): `*` and `?` stop at separators, `**` does not,
 * `[abc]`, `[a-z]`, `[!a]` are classes, `{a,b}` are alternatives (they nest), `\` takes the next character as it stands.
 * The whole text must match. Throws InvalidDocument where the pattern is not one.
 */
export function compileGlob(pattern: string, options: GlobOptions = {}): (text: string) => boolean {
  const chars = Array.from(pattern);
  if (chars.length > MAX_PATTERN) throw invalid(pattern, `it is longer than ${String(MAX_PATTERN)} characters`);
  const compiler = new Compiler(pattern, chars, new Set(Array.from(options.separators ?? '')));
  const { states, accept } = compiler.compile();
  return (text) => run(states, accept, text);
}

function invalid(pattern: string, why: string): AppError {
  return new AppError('InvalidDocument', `"${pattern.slice(0, 200)}" is not a glob: ${why}`);
}

class Compiler {
  private readonly states: State[] = [];
  private at = 0;

  constructor(
    private readonly pattern: string,
    private readonly chars: readonly string[],
    private readonly separators: ReadonlySet<string>,
  ) {}

  compile(): { readonly states: readonly State[]; readonly accept: number } {
    const start = this.add({ next: [] });
    const accept = this.sequence(start, 0);
    return { states: this.states, accept };
  }

  /** Reads until the end, or until `,` or `}` inside of braces; answers the last state. */
  private sequence(from: number, depth: number): number {
    let state = from;
    for (;;) {
      const char = this.chars[this.at];
      if (char === undefined) {
        if (depth > 0) throw invalid(this.pattern, 'a { is not closed');
        return state;
      }
      if (depth > 0 && (char === ',' || char === '}')) return state;
      this.at += 1;
      state = this.term(state, char, depth);
    }
  }

  private term(from: number, char: string, depth: number): number {
    switch (char) {
      case '*':
        return this.star(from);
      case '?':
        return this.read(from, (c) => !this.separators.has(c));
      case '[':
        return this.read(from, this.charClass());
      case '{':
        return this.alternatives(from, depth + 1);
      case '\\':
        return this.literal(from, this.escaped());
      default:
        return this.literal(from, char);
    }
  }

  private star(from: number): number {
    let crosses = false;
    while (this.chars[this.at] === '*') {
      crosses = true;
      this.at += 1;
    }
    const loop = this.add({ next: [] });
    this.link(from, loop);
    const again = this.add({ next: [loop], test: (c) => crosses || !this.separators.has(c) });
    const out = this.add({ next: [] });
    this.link(loop, again);
    this.link(loop, out);
    return out;
  }

  private alternatives(from: number, depth: number): number {
    if (depth > MAX_DEPTH) throw invalid(this.pattern, `braces nest deeper than ${String(MAX_DEPTH)}`);
    const out = this.add({ next: [] });
    for (;;) {
      const branch = this.add({ next: [] });
      this.link(from, branch);
      this.link(this.sequence(branch, depth), out);
      const end = this.chars[this.at];
      this.at += 1;
      if (end === '}') return out;
    }
  }

  private charClass(): Test {
    const negated = this.chars[this.at] === '!';
    if (negated) this.at += 1;
    const ranges: (readonly [string, string])[] = [];
    while (this.chars[this.at] !== ']') {
      const low = this.classChar();
      const isRange = this.chars[this.at] === '-' && this.chars[this.at + 1] !== ']';
      if (isRange) this.at += 1;
      const high = isRange ? this.classChar() : low;
      if (codeOf(high) < codeOf(low)) throw invalid(this.pattern, `the range ${low}-${high} is empty`);
      ranges.push([low, high]);
    }
    this.at += 1;
    if (ranges.length === 0) throw invalid(this.pattern, 'a class is empty');
    return (c) => ranges.some(([low, high]) => codeOf(low) <= codeOf(c) && codeOf(c) <= codeOf(high)) !== negated;
  }

  private classChar(): string {
    const char = this.chars[this.at];
    if (char === undefined) throw invalid(this.pattern, 'a [ is not closed');
    this.at += 1;
    return char === '\\' ? this.escaped() : char;
  }

  private escaped(): string {
    const char = this.chars[this.at];
    if (char === undefined) throw invalid(this.pattern, 'it ends with a single \\');
    this.at += 1;
    return char;
  }

  private literal(from: number, char: string): number {
    return this.read(from, (c) => c === char);
  }

  private read(from: number, test: Test): number {
    const out = this.add({ next: [] });
    this.link(from, this.add({ next: [out], test }));
    return out;
  }

  private add(state: State): number {
    return this.states.push(state) - 1;
  }

  private link(from: number, to: number): void {
    this.states[from]?.next.push(to);
  }
}

function codeOf(char: string): number {
  return char.codePointAt(0) ?? 0;
}

function run(states: readonly State[], accept: number, text: string): boolean {
  let current = closure(states, [0]);
  for (const char of text) {
    const reached: number[] = [];
    for (const index of current) {
      const state = states[index];
      if (state?.test?.(char) === true) reached.push(...state.next);
    }
    if (reached.length === 0) return false;
    current = closure(states, reached);
  }
  return current.has(accept);
}

/** Every state that can be reached without reading a character. */
function closure(states: readonly State[], from: readonly number[]): ReadonlySet<number> {
  const seen = new Set<number>(from);
  for (const index of seen) {
    const state = states[index];
    if (state === undefined || state.test !== undefined) continue;
    for (const next of state.next) seen.add(next);
  }
  return seen;
}
