// A YAML text in, its documents as JSON values out, or one refusal. Bounded: tokens are counted before nodes are built, values before aliases multiply.
import type { JsonValue } from '@wheelwright/kernel';
import {
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  type Alias,
  type Document,
  type Node,
  type Scalar,
} from 'yaml';
import type { RenderLimits } from './limits.js';
import { KUBERNETES_TAGS } from './yaml-scalars.js';

/** One document that is not empty. */
export interface ManifestDocument {
  /** Position in the file, from 1; empty documents count. */
  readonly number: number;
  /** Line of its first key, from 1. */
  readonly line: number;
  readonly value: JsonValue;
}

export interface ManifestText {
  readonly documents: readonly ManifestDocument[];
  readonly warnings: readonly string[];
}

/** Why a text cannot be used, and where. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly at: { readonly document?: number; readonly line?: number } = {},
  ) {
    super(message);
  }
}

/** Reads all documents of a text. Throws {@link Refusal} at the first thing that is wrong. */
export function readYaml(text: string, limits: RenderLimits): ManifestText {
  const lines = new LineCounter();
  const documents: ManifestDocument[] = [];
  const warnings: string[] = [];
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  const budget = { values: limits.maxValues };
  let number = 0;
  for (const document of compose(text, lines, limits)) {
    number += 1;
    const [fault] = document.errors;
    if (fault !== undefined)
      throw new Refusal(firstLine(fault.message), { document: number, line: lineAt(fault.pos[0]) });
    if (document.contents === null) continue;
    const context = { document, number, lineAt, limits, budget, targets: new Map(), warnings };
    const value = convert(context, document.contents, 0);
    if (value !== null) documents.push({ number, line: lineAt(document.contents.range[0]), value });
  }
  return { documents, warnings };
}

/** Feeds the parser token by token, so that depth is refused before it is built. */
function* compose(text: string, lines: LineCounter, limits: RenderLimits): Generator<Document.Parsed> {
  const parser = new Parser(lines.addNewLine);
  // Only the directives and escapes of 1.1 come from the version; scalars are ours. Duplicate keys are judged by the converter.
  const composer = new Composer({
    version: '1.1',
    schema: 'failsafe',
    customTags: KUBERNETES_TAGS,
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  lines.addNewLine(0);
  assertTokens(text, limits);
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) yield* composer.next(token);
    // Up to two entries of the stack belong to one level.
    if (parser.stack.length > 2 * limits.maxDepth + 4) throw tooDeep(limits);
  }
  for (const token of parser.end()) yield* composer.next(token);
  yield* composer.end();
}

/** Counting alone costs a quarter of parsing. A text this short is parsed at once: not even a token per character is too many. */
function assertTokens(text: string, limits: RenderLimits): void {
  if (text.length <= limits.maxTokens / 4) return;
  let tokens = 0;
  for (const _ of new Lexer().lex(text)) {
    tokens += 1;
    if (tokens > limits.maxTokens) throw new Refusal('it holds too many keys and values');
  }
}

interface Context {
  readonly document: Document.Parsed;
  readonly number: number;
  readonly lineAt: (offset: number) => number;
  readonly limits: RenderLimits;
  readonly budget: { values: number };
  /** What aliases stand for: looking it up walks the document, and nested aliases meet it again and again. */
  readonly targets: Map<Alias, Node | undefined>;
  readonly warnings: string[];
}

function convert(context: Context, node: unknown, depth: number): JsonValue {
  context.budget.values -= 1;
  if (context.budget.values < 0) throw new Refusal('it holds too many values once its aliases are expanded');
  if (depth > context.limits.maxDepth) throw tooDeep(context.limits);
  if (isAlias(node)) return convert(context, targetOf(context, node), depth + 1);
  if (isMap(node)) return convertMap(context, node.items, depth);
  if (isSeq(node)) return node.items.map((item) => convert(context, item, depth + 1));
  return isScalar(node) ? scalar(context, node) : null;
}

function convertMap(
  context: Context,
  pairs: readonly { readonly key: unknown; readonly value: unknown }[],
  depth: number,
): JsonValue {
  const own = new Map<string, JsonValue>();
  const merged = new Map<string, JsonValue>();
  for (const { key, value } of pairs) {
    const name = keyOf(context, key);
    if (name === '<<' && isScalar(key) && key.type === 'PLAIN') {
      for (const [inner, inherited] of mergeOf(context, value, depth))
        if (!merged.has(inner)) merged.set(inner, inherited);
      continue;
    }
    if (own.has(name))
      context.warnings.push(`${place(context, key)}: the key "${name}" is given twice, the last one counts`);
    own.set(name, convert(context, value, depth + 1));
  }
  // The keys were checked, so none of them reaches a prototype.
  return Object.fromEntries([...merged, ...own]);
}

function targetOf(context: Context, alias: Alias): Node | undefined {
  if (!context.targets.has(alias)) context.targets.set(alias, alias.resolve(context.document));
  return context.targets.get(alias);
}

/** `<<: *a` or `<<: [*a, *b]`, where the first that has a key wins. */
function mergeOf(context: Context, value: unknown, depth: number): readonly (readonly [string, JsonValue])[] {
  const source = convert(context, value, depth + 1);
  return (Array.isArray(source) ? source : [source]).flatMap((part) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) {
      throw new Refusal('only maps can be merged with "<<"', { document: context.number });
    }
    return Object.entries(part as Readonly<Record<string, JsonValue>>);
  });
}

/** Keys of JSON are texts: numbers and booleans become one, as in Kubernetes. */
function keyOf(context: Context, key: unknown): string {
  const node = isAlias(key) ? targetOf(context, key) : key;
  const value = isScalar(node) ? node.value : undefined;
  if (value === '__proto__') throw new Refusal('the key "__proto__" is not allowed', at(context, node));
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Refusal('a key is not a text', at(context, node));
}

function scalar(context: Context, node: Scalar): JsonValue {
  const { value } = node;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new Refusal(`the value ${(node.source ?? '').slice(0, 50)} has no form in JSON`, at(context, node));
  }
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    context.warnings.push(`${place(context, node)}: the number ${node.source ?? ''} is too large to be kept exactly`);
  }
  return value;
}

function at(context: Context, node: unknown): { readonly document: number; readonly line?: number } {
  const offset = isScalar(node) || isMap(node) || isSeq(node) ? node.range?.[0] : undefined;
  return { document: context.number, ...(offset === undefined ? {} : { line: context.lineAt(offset) }) };
}

function place(context: Context, node: unknown): string {
  const { line } = at(context, node);
  return line === undefined ? `document ${context.number}` : `line ${line}`;
}

function tooDeep(limits: RenderLimits): Refusal {
  return new Refusal(`it is nested deeper than ${limits.maxDepth} levels`);
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text;
}
