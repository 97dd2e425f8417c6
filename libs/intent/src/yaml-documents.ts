// YAML or JSON text in, one JSON value per document out, with a way from a path back to its line. Scalars as Kubernetes reads them (YAML 1.1).
import type { JsonValue } from '@wheelwright/kernel';
import {
  Composer,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  type Alias,
  type Document,
  type Node,
  type Scalar,
  type Tags,
} from 'yaml';
import { pointerOf, type DocumentFault, type Path } from './faults.js';
import type { ParseLimits } from './limits.js';

/** One document of the text. */
export interface TextDocument {
  /** Position in the text, from 1. */
  readonly number: number;
  readonly value: JsonValue;
  /** Line of the value at a path, or of the nearest parent that is there. */
  lineOf(path: Path): number;
}

export interface TextDocuments {
  readonly documents: readonly TextDocument[];
  readonly faults: readonly DocumentFault[];
}

/** Tags of YAML 1.1 that Kubernetes' parser does not apply to JSON values: it leaves such text as it is. */
const NOT_JSON = /omap|pairs|set|timestamp|binary/;

const MAX_MESSAGE = 200;

/** Stops the parse: the text is past a limit, or cannot become JSON. */
class Refusal extends Error {
  constructor(
    readonly path: Path,
    message: string,
    readonly node?: Node,
  ) {
    super(message);
  }
}

/** Reads all documents of a text. Empty documents are left out. Past a limit there is one fault and no document. */
export function readDocuments(text: string, limits: ParseLimits): TextDocuments {
  const lines = new LineCounter();
  if (text.length > limits.maxLength) {
    const message = `the text is longer than ${String(limits.maxLength)} characters; apply it in parts`;
    return { documents: [], faults: [syntaxFault(1, 1, message)] };
  }
  const found: Document.Parsed[] = [];
  try {
    for (const document of compose(text, lines, limits)) {
      if (found.length === limits.maxDocuments)
        throw new Refusal([], `the text holds more than ${String(limits.maxDocuments)} documents; apply it in parts`);
      found.push(document);
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { documents: [], faults: [syntaxFault(found.length + 1, lines.lineStarts.length, error.message)] };
  }
  return toJson(found, lines, limits);
}

/** Feeds the parser token by token, so that a bomb is refused before it is built. */
function* compose(text: string, lines: LineCounter, limits: ParseLimits): Generator<Document.Parsed> {
  const parser = new Parser(lines.addNewLine);
  const composer = new Composer({ version: '1.1', uniqueKeys: false, customTags: jsonTags, prettyErrors: false });
  lines.addNewLine(0);
  let tokens = 0;
  for (const lexeme of new Lexer().lex(text)) {
    tokens += 1;
    if (tokens > limits.maxTokens) throw new Refusal([], 'the text holds too many keys and values; apply it in parts');
    for (const token of parser.next(lexeme)) yield* composer.next(token);
    // The stack holds up to two entries per level of the document.
    if (parser.stack.length > 2 * limits.maxDepth + 4) throw tooDeep(limits);
  }
  for (const token of parser.end()) yield* composer.next(token);
  yield* composer.end();
}

function jsonTags(tags: Tags): Tags {
  return tags.filter((tag) => {
    if (typeof tag === 'string') return !NOT_JSON.test(tag);
    // Base 60 (`1:30`) is YAML 1.1 too, and Kubernetes' parser does not know it.
    return !NOT_JSON.test(tag.tag) && !('format' in tag && tag.format === 'TIME');
  });
}

function tooDeep(limits: ParseLimits): Refusal {
  return new Refusal([], `the text is nested deeper than ${String(limits.maxDepth)} levels`);
}

function toJson(found: readonly Document.Parsed[], lines: LineCounter, limits: ParseLimits): TextDocuments {
  const documents: TextDocument[] = [];
  const faults: DocumentFault[] = [];
  const budget = { values: limits.maxValues };
  let number = 0;
  for (const document of found) {
    if (document.contents === null && document.errors.length === 0) continue;
    number += 1;
    const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
    const [syntaxError] = document.errors;
    if (syntaxError !== undefined) {
      faults.push(syntaxFault(number, lineAt(syntaxError.pos[0]), `not valid YAML: ${firstLine(syntaxError.message)}`));
      continue;
    }
    const lineOf = (path: Path): number => lineAt(offsetOf(document, path));
    try {
      const value = new Converter(document, limits, budget).convert(document.contents, []);
      if (value !== null) documents.push({ number, value, lineOf });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const line = error.node?.range ? lineAt(error.node.range[0]) : lineOf(error.path);
      faults.push({ ...syntaxFault(number, line, error.message), pointer: pointerOf(error.path) });
      if (budget.values <= 0) return { documents: [], faults };
    }
  }
  return { documents, faults };
}

/** The parser's own words. It may quote the text, however long that is. */
function firstLine(text: string): string {
  const line = text.slice(0, MAX_MESSAGE + 1).split('\n')[0] ?? '';
  return line.length > MAX_MESSAGE ? `${line.slice(0, MAX_MESSAGE)}…` : line;
}

function syntaxFault(document: number, line: number, message: string): DocumentFault {
  return { code: 'InvalidDocument', document, line, pointer: '', message };
}

/** Turns nodes into JSON, counting every value, so that aliases cannot multiply without end. */
class Converter {
  /** Finding what an alias means walks the document: once for each alias, however often it is expanded. */
  private readonly meanings = new Map<Alias, unknown>();

  constructor(
    private readonly document: Document.Parsed,
    private readonly limits: ParseLimits,
    private readonly budget: { values: number },
  ) {}

  convert(node: unknown, path: Path): JsonValue {
    this.budget.values -= 1;
    if (this.budget.values <= 0)
      throw new Refusal(path, 'the text holds too many values once its aliases are expanded');
    if (path.length > this.limits.maxDepth) throw tooDeep(this.limits);
    if (isAlias(node)) return this.convert(this.meaningOf(node), path);
    if (isMap(node)) return this.convertMap(node.items, path);
    if (isSeq(node)) return node.items.map((item, index) => this.convert(item, [...path, index]));
    if (isScalar(node)) return scalarOf(node.value, path, node);
    return null;
  }

  private meaningOf(alias: Alias): unknown {
    if (!this.meanings.has(alias)) this.meanings.set(alias, alias.resolve(this.document));
    return this.meanings.get(alias);
  }

  private convertMap(pairs: readonly { readonly key: unknown; readonly value: unknown }[], path: Path): JsonValue {
    const own: Record<string, JsonValue> = {};
    const merged: Record<string, JsonValue> = {};
    for (const { key, value } of pairs) {
      const name = keyOf(key, path);
      if (name === '<<' && isScalar(key) && key.type === 'PLAIN') Object.assign(merged, this.mergeOf(value, path));
      else if (Object.hasOwn(own, name))
        throw new Refusal([...path, name], `the key "${name}" is given twice`, isNode(key) ? key : undefined);
      else own[name] = this.convert(value, [...path, name]);
    }
    return { ...merged, ...own };
  }

  /** `<<: *a` or `<<: [*a, *b]`: the first one that has a key wins. */
  private mergeOf(value: unknown, path: Path): Record<string, JsonValue> {
    const source = this.convert(value, path);
    const result: Record<string, JsonValue> = {};
    for (const part of isValues(source) ? [...source].reverse() : [source]) {
      if (typeof part !== 'object' || part === null || Array.isArray(part))
        throw new Refusal(path, 'only maps can be merged with <<');
      Object.assign(result, part);
    }
    return result;
  }
}

function isValues(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Keys of JSON are texts: numbers and booleans become one, as in Kubernetes. */
function keyOf(key: unknown, path: Path): string {
  const value = isScalar(key) ? keyText(key) : undefined;
  if (value === undefined) throw new Refusal(path, 'keys must be plain texts');
  if (value === '__proto__') throw new Refusal(path, 'the key "__proto__" is not allowed');
  return value;
}

function keyText(key: Scalar): string {
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

function scalarOf(value: unknown, path: Path, node: Node): JsonValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new Refusal(path, 'this value has no form in JSON', node);
}

/** Offset of the deepest node that a path reaches. A map's entry begins at its key. */
function offsetOf(document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? document.range[0];
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    const [key, value] = childOf(node, part);
    if (key === undefined) return offset;
    if (isNode(key) && key.range) offset = key.range[0];
    node = value;
  }
  return offset;
}

function childOf(node: unknown, part: string | number): readonly [key: unknown, value: unknown] {
  if (isSeq(node)) {
    const item: unknown = node.items[Number(part)];
    return [item, item];
  }
  if (!isMap(node)) return [undefined, undefined];
  const pair = node.items.find(({ key }) => isScalar(key) && keyText(key) === String(part));
  return [pair?.key, pair?.value];
}
