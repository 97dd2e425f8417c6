// Pipelines, commands and arguments in, values out. The names follow Go's text/template, whose rules and words these are.
import { GoTemplateError } from './errors.js';
import { fits, paramText, takesNil, type CallContext, type GoFunction } from './functions.js';
import { nodeText } from './nodes.js';
import type {
  AnyNode,
  ChainNode,
  CommandNode,
  ExprNode,
  FieldNode,
  NumberNode,
  PipeNode,
  VariableNode,
} from './nodes.js';
import { quoteGo } from './quote.js';
import { byteLength } from './utf8.js';
import { entryOf, GoCallError, GoInstance, GoTextMap, int, isDict, isTrue, itemsOf, typeName } from './values.js';
import type { GoMethod, GoValue, ParamType } from './values.js';

/** A value with its static type: what comes out of a list or map is `boxed` in an interface, which errors tell. */
export interface Cell {
  value: GoValue;
  readonly boxed: boolean;
}

export interface EvaluatorSettings {
  readonly text: string;
  readonly missingKey: 'default' | 'zero' | 'error' | 'invalid';
  readonly functions: ReadonlyMap<string, GoFunction>;
  readonly context: CallContext;
  /** A function of the template changes maps, so that it works on a copy of the data. */
  readonly copies: boolean;
}

/** No value comes from the pipeline's previous stage. */
const MISSING = Symbol('missing');
type Final = GoValue | typeof MISSING;

interface Variable {
  readonly name: string;
  cell: Cell;
}

/** Evaluates expressions of one execution: keeps the variables, the name of the running template and the node that an error would point at. */
export class Evaluator {
  readonly settings: EvaluatorSettings;
  template = '';
  vars: Variable[];
  #node: AnyNode | undefined;

  constructor(settings: EvaluatorSettings, root: Cell) {
    this.settings = settings;
    this.vars = [{ name: '$', cell: root }];
  }

  /** Remembers where execution is, and pays for the step. */
  at(node: AnyNode): void {
    this.#node = node;
    this.settings.context.budget.step();
  }

  /** Stops with Go's message for the node where execution is. */
  fail(message: string): never {
    throw new GoTemplateError('execute', `template: ${this.#place()}: ${message}`);
  }

  #place(): string {
    if (this.#node === undefined) return '';
    const before = this.settings.text.slice(0, this.#node.pos);
    const lines = before.split('\n');
    const column = byteLength(lines.at(-1) ?? '');
    return `:${lines.length}:${column}: executing ${quoteGo(this.template)} at <${nodeText(this.#node)}>`;
  }

  pipeline(dot: Cell, pipe: PipeNode): GoValue {
    this.at(pipe);
    let value: Final = MISSING;
    for (const command of pipe.commands) {
      value = this.#command(dot, command, value);
      // What an interface holds counts from here on; nil in an interface is no value.
      value = value ?? undefined;
    }
    const result = value === MISSING ? undefined : value;
    for (const variable of pipe.declares) {
      const cell = { value: result, boxed: false };
      if (pipe.assign) this.setVar(variable.name, cell);
      else this.vars.push({ name: variable.name, cell });
    }
    return result;
  }

  setVar(name: string, cell: Cell): void {
    this.#variable(name).cell = cell;
  }

  #variable(name: string): Variable {
    for (let i = this.vars.length - 1; i >= 0; i -= 1) {
      const variable = this.vars[i];
      if (variable?.name === name) return variable;
    }
    return this.fail(`undefined variable: ${name}`);
  }

  #command(dot: Cell, command: CommandNode, final: Final): GoValue {
    const [first, ...rest] = command.args;
    if (first === undefined) return undefined;
    switch (first.kind) {
      case 'field':
        return this.#field(dot, first, { args: rest, final });
      case 'chain':
        return this.#chain(dot, first, { args: rest, final });
      case 'identifier':
        return this.#function(dot, first, { node: command, args: rest, final });
      case 'variable':
        return this.#variableNode(dot, first, { args: rest, final });
      case 'pipe':
        this.#notAFunction(first, rest, final);
        return this.pipeline(dot, first);
      default:
    }
    this.at(first);
    this.#notAFunction(first, rest, final);
    if (first.kind === 'dot') return dot.value;
    if (first.kind === 'nil') return this.fail('nil is not a command');
    return this.#constant(first);
  }

  #notAFunction(node: ExprNode, args: readonly ExprNode[], final: Final): void {
    if (args.length > 0 || final !== MISSING) this.fail(`can't give argument to non-function ${nodeText(node)}`);
  }

  #constant(node: ExprNode): GoValue {
    if (node.kind === 'bool' || node.kind === 'string') return node.value;
    return node.kind === 'number' ? this.#number(node) : this.fail(`can't evaluate command ${quoteGo(nodeText(node))}`);
  }

  /** The type of a number literal where nothing asks for one: a float where it is written as one, otherwise an int. */
  #number(node: NumberNode): GoValue {
    this.at(node);
    const hex = /^0[xX]/.test(node.text) && !/[pP]/.test(node.text);
    if (node.float !== undefined && !hex && !node.text.startsWith("'") && /[.eEpP]/.test(node.text)) return node.float;
    return node.int === undefined ? this.fail(`${node.text} overflows int`) : int(node.int);
  }

  #field(dot: Cell, node: FieldNode, call: Tail): GoValue {
    this.at(node);
    return this.#fieldChain(dot, dot, { node, path: node.path, ...call });
  }

  #chain(dot: Cell, node: ChainNode, call: Tail): GoValue {
    this.at(node);
    if (node.term.kind === 'nil') this.fail(`indirection through explicit nil in ${nodeText(node)}`);
    const value = this.#evalArg(dot, undefined, node.term);
    return this.#fieldChain(dot, { value, boxed: false }, { node, path: node.path, ...call });
  }

  #variableNode(dot: Cell, node: VariableNode, call: Tail): GoValue {
    this.at(node);
    const { cell } = this.#variable(node.name);
    if (node.path.length > 0) return this.#fieldChain(dot, cell, { node, path: node.path, ...call });
    this.#notAFunction(node, call.args, call.final);
    return cell.value;
  }

  #fieldChain(
    dot: Cell,
    start: Cell,
    call: Tail & { readonly node: AnyNode; readonly path: readonly string[] },
  ): GoValue {
    let receiver = start;
    const last = call.path.length - 1;
    for (const [index, name] of call.path.entries()) {
      const tail = index === last ? call : { args: [], final: MISSING as Final };
      const value = this.#fieldOf(dot, receiver, { ...tail, node: call.node, name });
      receiver = { value, boxed: isDict(receiver.value) };
    }
    return receiver.value;
  }

  /** One field of a value: a method's result, or the entry of a map. */
  #fieldOf(dot: Cell, receiver: Cell, call: Tail & { readonly node: AnyNode; readonly name: string }): GoValue {
    const { value, boxed } = receiver;
    const { name } = call;
    if (value === undefined) {
      if (this.settings.missingKey === 'error') this.fail(`nil data; no entry for key ${quoteGo(name)}`);
      return undefined;
    }
    if (value === null) return this.fail(`nil pointer evaluating interface {}.${name}`);
    const method = value instanceof GoInstance ? value.method(name) : undefined;
    if (method !== undefined) return this.#method(dot, method, call);
    if (!isDict(value) && !(value instanceof GoTextMap)) {
      return this.fail(`can't evaluate field ${name} in type ${boxed ? 'interface {}' : typeName(value)}`);
    }
    if (call.args.length > 0 || call.final !== MISSING) this.fail(`${name} is not a method but has arguments`);
    const entry = isDict(value) ? entryOf(value, name) : value.entries.get(name);
    return entry === undefined ? this.#missing(name, isDict(value) ? null : '') : entry;
  }

  #missing(name: string, zero: GoValue): GoValue {
    const { missingKey } = this.settings;
    if (missingKey === 'error') this.fail(`map has no entry for key ${quoteGo(name)}`);
    return missingKey === 'zero' ? zero : undefined;
  }

  #method(dot: Cell, method: GoMethod, call: Tail & { readonly node: AnyNode; readonly name: string }): GoValue {
    const made: GoFunction = { params: method.params, variadic: false, mutates: false, call: method.call };
    return this.#call(dot, made, call);
  }

  #function(
    dot: Cell,
    node: ExprNode & { readonly kind: 'identifier' },
    call: Tail & { readonly node: AnyNode },
  ): GoValue {
    this.at(node);
    const found = this.settings.functions.get(node.name);
    if (found === undefined) return this.fail(`${quoteGo(node.name)} is not a defined function`);
    return this.#call(dot, found, { ...call, name: node.name });
  }

  #call(dot: Cell, called: GoFunction, call: Tail & { readonly node: AnyNode; readonly name: string }): GoValue {
    const { args, final, name } = call;
    const { params, variadic } = called;
    const given = args.length + (final === MISSING ? 0 : 1);
    const fixed = variadic ? params.length - 1 : params.length;
    if (variadic && given < fixed)
      this.fail(`wrong number of args for ${name}: want at least ${fixed} got ${args.length}`);
    if (!variadic && given !== fixed) this.fail(`wrong number of args for ${name}: want ${fixed} got ${given}`);
    if (name === 'and' || name === 'or') return this.#shortCircuit(dot, name === 'or', call);
    const typeOf = (index: number): ParamType => params[Math.min(index, params.length - 1)] ?? 'any';
    const values = args.map((arg, index) => this.#evalArg(dot, typeOf(index), arg));
    if (final !== MISSING) values.push(this.#validate(final, typeOf(args.length)));
    return this.#invoke(called, values, call);
  }

  #invoke(
    called: GoFunction,
    values: readonly GoValue[],
    call: { readonly node: AnyNode; readonly name: string },
  ): GoValue {
    const { context } = this.settings;
    for (const value of values) context.budget.work(sizeOf(value));
    try {
      const result = called.call(values, context);
      context.budget.work(sizeOf(result));
      return result;
    } catch (error) {
      if (!(error instanceof GoCallError)) throw error;
      this.at(call.node);
      return this.fail(`error calling ${call.name}: ${error.message}`);
    }
  }

  /** `and` and `or` evaluate no argument after the one that decides. */
  #shortCircuit(dot: Cell, stopsAt: boolean, call: Tail): GoValue {
    let value: GoValue;
    for (const arg of call.args) {
      value = this.#evalArg(dot, 'value', arg);
      if (isTrue(value) === stopsAt) return value;
    }
    return call.final === MISSING ? value : call.final;
  }

  #validate(value: GoValue, type: ParamType | undefined): GoValue {
    if (type === undefined || type === 'value') return value;
    if (value === undefined) return takesNil(type) ? null : this.fail(`invalid value; expected ${paramText(type)}`);
    if (value === null && type === 'any') return null;
    if (value !== null && fits(value, type)) return value;
    const got = value === null ? 'interface {}' : typeName(value);
    return this.fail(`wrong type for value; expected ${paramText(type)}; got ${got}`);
  }

  #evalArg(dot: Cell, type: ParamType | undefined, node: ExprNode): GoValue {
    this.at(node);
    const tail = { args: [], final: MISSING as Final };
    switch (node.kind) {
      case 'dot':
        return this.#validate(dot.value, type);
      case 'nil':
        if (type === undefined || takesNil(type)) return type === 'value' ? undefined : null;
        return this.fail(`cannot assign nil to ${paramText(type)}`);
      case 'field':
        return this.#validate(this.#field(dot, node, tail), type);
      case 'variable':
        return this.#validate(this.#variableNode(dot, node, tail), type);
      case 'pipe':
        return this.#validate(this.pipeline(dot, node), type);
      case 'identifier':
        return this.#validate(this.#function(dot, node, { ...tail, node }), type);
      case 'chain':
        return this.#validate(this.#chain(dot, node, tail), type);
      default:
        return this.#literal(type ?? 'any', node);
    }
  }

  /** A literal takes the type that the parameter asks for. */
  #literal(type: ParamType, node: ExprNode): GoValue {
    const wrong = (expected: string): never => this.fail(`expected ${expected}; found ${nodeText(node)}`);
    switch (type) {
      case 'any':
      case 'value':
        return this.#constant(node);
      case 'bool':
        return node.kind === 'bool' ? node.value : wrong('bool');
      case 'float64':
        return node.kind === 'number' && node.float !== undefined ? node.float : wrong('float');
      case 'int':
        return node.kind === 'number' && node.int !== undefined ? int(node.int) : wrong('integer');
      case 'string':
        return node.kind === 'string' ? node.value : wrong('string');
      default:
        return this.fail(`can't handle ${nodeText(node)} for arg of type ${paramText(type)}`);
    }
  }
}

/** The arguments of a call, and what the pipeline's previous stage gives as its last. */
interface Tail {
  readonly args: readonly ExprNode[];
  readonly final: Final;
}

function sizeOf(value: GoValue): number {
  return typeof value === 'string' ? value.length : (itemsOf(value)?.length ?? 1);
}
