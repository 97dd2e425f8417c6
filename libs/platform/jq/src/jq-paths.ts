// jq expressions and a value in, the paths that each expression names in it out; what costs too much is refused.
import { canonicalJson, digestText, isJsonObject, type JsonValue } from '@wheelwright/kernel';
import { concretePaths, type ConcretePath } from './concrete-paths.js';
import { JqThread, type ThreadAnswer } from './thread.js';

/** What an expression names in a value; nothing where a part of its way is not there. `problem`: why that cannot be said, for people. */
export type NamedPaths =
  | { readonly paths: readonly ConcretePath[] }
  | {
      readonly problem: string;
      /** What the problem is a matter of: the expression whatever the value, the two together, or the load of the machine. */
      readonly of: 'expression' | 'value' | 'time';
    };

export interface JqPathsOptions {
  /** Milliseconds for the expressions of one value, default 1,000 (as Argo CD). */
  readonly limitMs?: number;
  /** Milliseconds since any time; default: the process's monotonic clock. */
  readonly nowMs?: () => number;
}

const LIMIT_MS = 1_000;
/** Answers that are kept. */
const CACHED = 5_000;
/** Paths that one expression may name in one value. */
const MAX_PATHS = 500;
const MAX_EXPRESSION = 10_000;
/** How long an expression that ran out of its time is not tried again. */
const BANNED_MS = 300_000;

/**
 * Runs jq. `del(f)` is by jq's own definition the deletion of `path(f)`, so the paths are all that a comparison needs. Expressions run in a
 * thread that is killed after the limit; the event loop never waits for them. Answers are cached by expression and digest of the value.
 */
export class JqPaths {
  private readonly thread: JqThread;
  private readonly cache = new Map<string, NamedPaths>();
  private readonly invalid = new Map<string, NamedPaths>();
  private readonly banned = new Map<string, number>();
  private readonly nowMs: () => number;

  constructor(private readonly options: JqPathsOptions = {}) {
    this.thread = new JqThread(options.limitMs ?? LIMIT_MS);
    this.nowMs = options.nowMs ?? (() => performance.now());
  }

  /** One answer per expression, in their order. */
  async pathsOf(expressions: readonly string[], value: JsonValue): Promise<readonly NamedPaths[]> {
    const json = canonicalJson(value);
    const digest = digestText(json);
    const asked = expressions.filter((expression) => this.known(expression, digest) === undefined);
    const answers = new Map<string, NamedPaths>();
    for (const [expression, answer] of await this.ask([...new Set(asked)], { value, json })) {
      answers.set(expression, answer);
      this.keep(expression, digest, answer);
    }
    return expressions.map((expression) => answers.get(expression) ?? this.known(expression, digest) ?? NOT_SAID);
  }

  /** Ends the thread. */
  close(): Promise<void> {
    return this.thread.close();
  }

  private known(expression: string, digest: string): NamedPaths | undefined {
    if (expression.length > MAX_EXPRESSION) return lasting(`it is longer than ${String(MAX_EXPRESSION)} characters`);
    const untilMs = this.banned.get(expression);
    if (untilMs !== undefined) {
      if (this.nowMs() < untilMs) return this.overran();
      this.banned.delete(expression);
    }
    return this.invalid.get(expression) ?? this.cache.get(`${digest} ${expression}`);
  }

  private keep(expression: string, digest: string, answer: NamedPaths): void {
    if ('problem' in answer && answer.of === 'time') return;
    if ('problem' in answer && answer.of === 'expression') put(this.invalid, expression, answer);
    else put(this.cache, `${digest} ${expression}`, answer);
  }

  /** All in one program; one by one where that fails, because then one of them is at fault. */
  private async ask(
    expressions: readonly string[],
    { value, json }: { readonly value: JsonValue; readonly json: string },
  ): Promise<ReadonlyMap<string, NamedPaths>> {
    if (expressions.length === 0) return new Map();
    const answer = await this.thread.run(programOf(expressions), json);
    const read = answersOf(answer, { value, count: expressions.length });
    if (read !== undefined) return new Map(expressions.map((expression, at) => [expression, read[at] ?? NOT_SAID]));
    const [only, ...others] = expressions;
    if (only !== undefined && others.length === 0) return new Map([[only, await this.failureOf(only, answer)]]);
    const found = new Map<string, NamedPaths>();
    for (const expression of expressions) {
      for (const [name, one] of await this.ask([expression], { value, json })) found.set(name, one);
    }
    return found;
  }

  /** jq's own words may hold parts of the value, and that may be a Secret: they are told only where they are the same without it. */
  private async failureOf(expression: string, answer: ThreadAnswer): Promise<NamedPaths> {
    switch (answer.kind) {
      case 'overran':
        put(this.banned, expression, this.nowMs() + BANNED_MS);
        return this.overran();
      case 'error': {
        const alone = await this.thread.run(programOf([expression]), 'null');
        return alone.kind === 'error' && alone.message.includes('compile error') ? invalid(alone.message) : FAILS;
      }
      case 'text':
        return lasting('it does not give exactly one value');
    }
  }

  private overran(): NamedPaths {
    const limit = String(this.options.limitMs ?? LIMIT_MS);
    return { problem: `it takes longer than ${limit} ms, and is not run again for five minutes`, of: 'time' };
  }
}

/** One list with what each expression names, or why it does not. Each stands on its own line, so that a comment ends with it. */
function programOf(expressions: readonly string[]): string {
  const parts = expressions.map(
    (expression) =>
      `(try {p: [limit(${String(MAX_PATHS + 1)}; path(${expression}\n))]} catch {e: (if type == "string" then . else tojson end)})`,
  );
  return `[${parts.join(',\n')}]`;
}

function answersOf(
  answer: ThreadAnswer,
  { value, count }: { readonly value: JsonValue; readonly count: number },
): readonly NamedPaths[] | undefined {
  if (answer.kind !== 'text') return undefined;
  let list: unknown;
  try {
    list = JSON.parse(answer.text);
  } catch {
    return undefined;
  }
  return Array.isArray(list) && list.length === count
    ? (list as readonly JsonValue[]).map((item) => answerOf(item, value))
    : undefined;
}

function answerOf(item: JsonValue, value: JsonValue): NamedPaths {
  if (!isJsonObject(item)) return lasting('it does not give exactly one value');
  const { p: paths, e: error } = item;
  if (typeof error === 'string') return failed(error);
  if (!Array.isArray(paths)) return lasting('it does not give exactly one value');
  const list = paths as readonly JsonValue[];
  if (list.length > MAX_PATHS) return { problem: `it names more than ${String(MAX_PATHS)} fields`, of: 'value' };
  const concrete = list.map((path) => concretePaths(value, path));
  return concrete.some((path) => path === undefined)
    ? lasting('it names no paths')
    : { paths: concrete.flatMap((found) => found ?? []) };
}

/** A field that is not there names nothing, as with a JSON pointer; anything else is told, without the values that jq quotes. */
function failed(message: string): NamedPaths {
  if (/^Cannot (iterate over|index) null/.test(message)) return { paths: [] };
  const [known] = /^(?:Cannot (?:iterate over|index) [a-z]+|Invalid path expression)/.exec(message) ?? [];
  return known === undefined ? FAILS : { problem: `jq: ${known}`, of: 'value' };
}

/** What jq says of an expression that it cannot compile. */
function invalid(message: string): NamedPaths {
  const [line = message] = message.split('\n');
  const text = line.replace(/^jq: error: /, '').replace(/(?: \(Unix shell quoting issues\?\))? at <top-level>.*/, '');
  return lasting(`jq: ${text.slice(0, 300)}`);
}

const FAILS: NamedPaths = { problem: 'it fails on the object', of: 'value' };

function lasting(problem: string): NamedPaths {
  return { problem, of: 'expression' };
}

const NOT_SAID: NamedPaths = { problem: 'jq said nothing about it', of: 'time' };

/** Keeps the newest. */
function put<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > CACHED && oldest !== undefined) map.delete(oldest);
}
