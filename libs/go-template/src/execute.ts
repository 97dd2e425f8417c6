// The trees of a template and its data in, the text out.
import type { JsonValue } from '@wheelwright/kernel';
import { GoTemplateError } from './errors.js';
import { Evaluator, type Cell, type EvaluatorSettings } from './evaluate.js';
import { deepCopy } from './copy.js';
import { formatAny, formatOutput } from './format-value.js';
import { limitError } from './limits.js';
import type { BodyNode, BranchNode, TemplateNode } from './nodes.js';
import type { TemplateBodies } from './parser.js';
import { quoteGo } from './quote.js';
import { GoInt, GoTextMap, int, isDict, isTrue, itemsOf, sortedKeys, type GoValue } from './values.js';

/** Executes the main template. Throws GoTemplateError of kind `execute` or `limit`. */
export function executeTemplate(bodies: TemplateBodies, settings: EvaluatorSettings, data: JsonValue): string {
  const value = data as GoValue;
  const root: Cell = { value: settings.copies ? deepCopy(value, settings.context.budget) : value, boxed: false };
  const walker = new Walker(bodies, new Evaluator(settings, root));
  try {
    return walker.run(root);
  } catch (error) {
    // The engine's own stack, or the longest text that it knows: whatever slipped through the budget.
    if (error instanceof RangeError) throw limitError('more memory or nesting');
    throw error;
  }
}

/** How a body ended: at its end, or by a jump that the nearest `range` handles. */
type Ending = 'end' | 'break' | 'continue';

class Walker {
  readonly #bodies: TemplateBodies;
  readonly #evaluator: Evaluator;
  readonly #out: string[] = [];
  #chars = 0;
  #depth = 0;

  constructor(bodies: TemplateBodies, evaluator: Evaluator) {
    this.#bodies = bodies;
    this.#evaluator = evaluator;
  }

  run(root: Cell): string {
    this.#body(root, this.#bodies.get('') ?? []);
    return this.#out.join('');
  }

  #print(text: string): void {
    this.#chars += text.length;
    this.#evaluator.settings.context.budget.text(this.#chars);
    this.#out.push(text);
  }

  #body(dot: Cell, body: readonly BodyNode[]): Ending {
    for (const node of body) {
      const ending = this.#node(dot, node);
      if (ending !== 'end') return ending;
    }
    return 'end';
  }

  #node(dot: Cell, node: BodyNode): Ending {
    this.#evaluator.at(node);
    switch (node.kind) {
      case 'text':
        this.#print(node.text);
        return 'end';
      case 'action': {
        const value = this.#evaluator.pipeline(dot, node.pipe);
        this.#evaluator.at(node);
        if (node.pipe.declares.length === 0) this.#print(formatOutput(value, this.#evaluator.settings.context.budget));
        return 'end';
      }
      case 'template':
        this.#template(dot, node);
        return 'end';
      case 'break':
      case 'continue':
        return node.kind;
      case 'range':
        return this.#scoped(() => this.#range(dot, node));
      case 'if':
      case 'with':
        return this.#scoped(() => this.#branch(dot, node));
    }
  }

  /** Variables that are declared inside are gone afterwards. */
  #scoped(run: () => Ending): Ending {
    const { vars } = this.#evaluator;
    const mark = vars.length;
    const ending = run();
    vars.length = mark;
    return ending;
  }

  #branch(dot: Cell, node: BranchNode): Ending {
    const value = this.#evaluator.pipeline(dot, node.pipe);
    if (isTrue(value)) return this.#body(node.kind === 'with' ? { value, boxed: false } : dot, node.body);
    return this.#body(dot, node.otherwise ?? []);
  }

  #range(dot: Cell, node: BranchNode): Ending {
    const value = this.#evaluator.pipeline(dot, node.pipe);
    const loop = new Loop(this.#evaluator, node);
    let empty = true;
    for (const [index, element] of this.#elements(value, node)) {
      empty = false;
      // A body may be empty, and its rounds cost all the same.
      this.#evaluator.at(node);
      loop.bind(index, element);
      const ending = this.#scoped(() => this.#body(element, node.body));
      if (ending === 'break') break;
    }
    return empty ? this.#body(dot, node.otherwise ?? []) : 'end';
  }

  /** What `range` goes through: items with their place, entries of a map in the order of their keys, or whole numbers below one. */
  *#elements(value: GoValue, node: BranchNode): Iterable<readonly [GoValue, Cell]> {
    const items = itemsOf(value);
    if (items !== undefined) {
      for (const [index, item] of items.entries()) yield [int(index), { value: item ?? null, boxed: true }];
    } else if (isDict(value)) {
      for (const key of sortedKeys(value)) yield [key, { value: value[key] ?? null, boxed: true }];
    } else if (value instanceof GoTextMap) {
      for (const key of [...value.entries.keys()].sort()) yield [key, { value: value.entries.get(key), boxed: false }];
    } else if (value instanceof GoInt) {
      const { budget } = this.#evaluator.settings.context;
      if (node.pipe.declares.length > 1) {
        this.#evaluator.fail(`can't use ${formatAny(value, budget)} to iterate over more than one variable`);
      }
      for (let i = 0n; i < value.value; i += 1n) yield [undefined, { value: new GoInt(i, value.type), boxed: false }];
    } else if (value !== undefined && value !== null) {
      this.#evaluator.fail(`range can't iterate over ${formatAny(value, this.#evaluator.settings.context.budget)}`);
    }
  }

  #template(dot: Cell, node: TemplateNode): void {
    const evaluator = this.#evaluator;
    const body = this.#bodies.get(node.name);
    if (body === undefined) return evaluator.fail(`template ${quoteGo(node.name)} not defined`);
    const { depth } = evaluator.settings.context.budget.limits;
    if (this.#depth >= depth) {
      throw new GoTemplateError('limit', `template: exceeded maximum template depth (${depth})`);
    }
    const value = node.pipe === undefined ? undefined : evaluator.pipeline(dot, node.pipe);
    const { vars, template } = evaluator;
    const root = { value, boxed: false };
    evaluator.vars = [{ name: '$', cell: root }];
    evaluator.template = node.name;
    this.#depth += 1;
    this.#body(root, body);
    this.#depth -= 1;
    evaluator.vars = vars;
    evaluator.template = template;
  }
}

/** The variables of a `range`: `$v := `, `$i, $v := `, or with `=` variables from outside. */
class Loop {
  readonly #evaluator: Evaluator;
  readonly #node: BranchNode;
  readonly #top: number;

  constructor(evaluator: Evaluator, node: BranchNode) {
    this.#evaluator = evaluator;
    this.#node = node;
    this.#top = evaluator.vars.length;
  }

  bind(index: GoValue, element: Cell): void {
    const [first, second] = this.#node.pipe.declares;
    if (first === undefined) return;
    const place: Cell = { value: index, boxed: false };
    if (this.#node.pipe.assign) {
      this.#evaluator.setVar(first.name, second === undefined ? element : place);
      if (second !== undefined) this.#evaluator.setVar(second.name, element);
      return;
    }
    this.#set(1, element);
    if (second !== undefined) this.#set(2, place);
  }

  #set(fromTop: number, cell: Cell): void {
    const variable = this.#evaluator.vars[this.#top - fromTop];
    if (variable !== undefined) variable.cell = cell;
  }
}
