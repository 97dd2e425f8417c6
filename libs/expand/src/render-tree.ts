// A JSON value whose texts are templates in; a function that renders all of them with parameters out. What holds no template is shared, not copied.
import type { JsonObject, JsonValue } from '@wheelwright/kernel';
import { pointerKey, type Params } from './params.js';
import type { CompiledText, TextEngine } from './text-engine.js';

/** A compiled value: a constant that every rendering shares, or what makes it. */
type Node =
  | { readonly constant: JsonValue; readonly chars: number }
  | {
      readonly constant?: undefined;
      readonly chars: number;
      readonly make: (params: Params, meter: Meter) => JsonValue;
    };

/** Counts the characters of rendered texts. */
export interface Meter {
  spend(chars: number): void;
}

const NO_METER: Meter = { spend: () => undefined };

/** Compiles an object. Every text and every key of a map inside of it is a template of its own. Where two keys become one, the later one wins. */
export function compileTree(
  object: JsonObject,
  pointer: string,
  engine: TextEngine,
): (params: Params, meter?: Meter) => JsonObject {
  const node = compileObject(object, pointer, engine);
  return (params, meter = NO_METER) => {
    meter.spend(node.chars);
    // An object is compiled to what makes an object.
    return (node.constant === undefined ? node.make(params, meter) : node.constant) as JsonObject;
  };
}

function compileNode(value: JsonValue, pointer: string, engine: TextEngine): Node {
  if (typeof value === 'string') return compileLeaf(engine.compile(value), value, pointer);
  if (typeof value !== 'object' || value === null) return { constant: value, chars: 8 };
  if (isList(value)) return compileList(value, pointer, engine);
  return compileObject(value, pointer, engine);
}

function compileLeaf(compiled: CompiledText, text: string, pointer: string): Node {
  if (compiled.isConstant) return { constant: text, chars: text.length };
  return {
    chars: 0,
    make: (params, meter) => {
      const rendered = compiled.render(params, pointer);
      meter.spend(rendered.length);
      return rendered;
    },
  };
}

function compileList(list: readonly JsonValue[], pointer: string, engine: TextEngine): Node {
  const nodes = list.map((item, index) => compileNode(item, `${pointer}/${String(index)}`, engine));
  const chars = nodes.reduce((sum, node) => sum + node.chars, 2);
  if (nodes.every((node) => node.constant !== undefined)) return { constant: list, chars };
  return {
    chars,
    make: (params, meter) =>
      nodes.map((node) => (node.constant === undefined ? node.make(params, meter) : node.constant)),
  };
}

interface Member {
  readonly key: string | CompiledText;
  readonly pointer: string;
  readonly node: Node;
}

function compileObject(object: JsonObject, pointer: string, engine: TextEngine): Node {
  const members = Object.entries(object).flatMap(([key, value]): readonly Member[] => {
    if (value === undefined) return [];
    const at = `${pointer}/${pointerKey(key)}`;
    const compiled = engine.compile(key);
    return [{ key: compiled.isConstant ? key : compiled, pointer: at, node: compileNode(value, at, engine) }];
  });
  const chars = members.reduce(
    (sum, { key, node }) => sum + node.chars + (typeof key === 'string' ? key.length : 0),
    2,
  );
  if (members.every(({ key, node }) => typeof key === 'string' && node.constant !== undefined)) {
    return { constant: object, chars };
  }
  return { chars, make: (params, meter) => makeObject(members, params, meter) };
}

function makeObject(members: readonly Member[], params: Params, meter: Meter): JsonObject {
  const out: Record<string, JsonValue> = {};
  for (const { key, pointer, node } of members) {
    const name = typeof key === 'string' ? key : key.render(params, pointer);
    if (typeof key !== 'string') meter.spend(name.length);
    setOwn(out, name, node.constant === undefined ? node.make(params, meter) : node.constant);
  }
  return out;
}

/** Sets a member whatever its name is: `__proto__` is a name like any other. */
export function setOwn<T>(object: Record<string, T>, name: string, value: T): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  } else object[name] = value;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
