// YAML text in, the value of its first document out, as it comes through JSON: numbers are float64, keys are text. Aliases are paid for each time they are used.
import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, type Document, type Node } from 'yaml';
import { formatFloat } from '../float-text.js';
import { limitError, type Budget } from '../limits.js';
import { GoCallError, isDict, newDict, type GoDict, type GoValue } from '../values.js';
import { resolvePlain } from './resolve.js';

const DEEPEST = 200;
/** Reading a character of YAML costs more than copying one. */
const COST = 16;

/** The value; null for a text without a document. Throws GoCallError for what is no YAML. */
export function parseYaml(text: string, budget: Budget): GoValue {
  budget.work(text.length * COST);
  const [document] = parseAllDocuments(text, {
    schema: 'failsafe',
    version: '1.1',
    uniqueKeys: false,
    logLevel: 'silent',
    strict: false,
  });
  if (document === undefined || !('contents' in document)) return null;
  const [problem] = document.errors;
  if (problem !== undefined) {
    throw new GoCallError(`error converting YAML to JSON: yaml: ${problem.message.split('\n')[0] ?? ''}`);
  }
  return new YamlReader(document, budget).read(document.contents, 0);
}

class YamlReader {
  readonly #document: Document.Parsed;
  readonly #budget: Budget;

  constructor(document: Document.Parsed, budget: Budget) {
    this.#document = document;
    this.#budget = budget;
  }

  read(node: unknown, depth: number): GoValue {
    this.#budget.step();
    if (depth > DEEPEST) throw limitError(`to read values nested deeper than ${DEEPEST}`);
    if (isAlias(node)) return this.read(this.#target(node.resolve(this.#document), node.source), depth + 1);
    if (isScalar(node)) return scalarValue(node);
    if (isSeq(node)) return node.items.map((item) => this.read(item, depth + 1));
    if (!isMap(node)) return null;
    const map = newDict();
    for (const { key, value } of node.items) {
      if (isScalar(key) && key.value === '<<' && isPlain(key)) this.#merge(map, this.read(value, depth + 1));
      else map[this.#key(key, depth)] = this.read(value, depth + 1);
    }
    return map;
  }

  #target(node: Node | undefined, name: string): Node {
    if (node !== undefined) return node;
    throw new GoCallError(`error converting YAML to JSON: yaml: unknown anchor '${name}' referenced`);
  }

  #merge(map: GoDict, source: GoValue): void {
    const sources = Array.isArray(source) ? [...(source as readonly GoValue[])].reverse() : [source];
    for (const one of sources) {
      if (!isDict(one))
        throw new GoCallError(
          'error converting YAML to JSON: yaml: map merge requires map or sequence of maps as the value',
        );
      Object.assign(map, one);
    }
  }

  #key(node: unknown, depth: number): string {
    const key = this.read(node, depth + 1);
    if (typeof key === 'string') return key;
    if (typeof key === 'boolean') return String(key);
    if (typeof key === 'number') return Number.isSafeInteger(key) ? String(key) : formatFloat(key);
    throw new GoCallError('error converting YAML to JSON: unsupported map key');
  }
}

interface ScalarNode {
  readonly value: unknown;
  readonly type?: unknown;
  readonly tag?: string | undefined;
}

function isPlain(node: ScalarNode): boolean {
  return node.type === undefined || node.type === 'PLAIN';
}

function scalarValue(node: ScalarNode): GoValue {
  const text = typeof node.value === 'string' ? node.value : '';
  if (node.tag !== undefined && /[:!]str$/.test(node.tag)) return text;
  if (!isPlain(node) && node.tag === undefined) return text;
  const { kind, value } = resolvePlain(text);
  if (typeof value === 'bigint') return Number(value);
  if (kind === 'float' && typeof value === 'number' && !Number.isFinite(value)) {
    throw new GoCallError(`error converting YAML to JSON: json: unsupported value: ${formatFloat(value)}`);
  }
  return value;
}
