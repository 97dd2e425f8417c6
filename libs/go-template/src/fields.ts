// The trees of a template in, the paths that it reads from its root out: what a lint can check against what generators give.
import type { BodyNode, ExprNode, PipeNode } from './nodes.js';
import type { TemplateBodies } from './parser.js';

/** Paths such as `.path.basename`, each once, in the order of the text. A field of a `with` or `range` value is not among them; one of `$` is. */
export function rootFields(bodies: TemplateBodies): readonly string[] {
  const search = new Search(bodies);
  search.template('');
  return [...search.found];
}

class Search {
  readonly found = new Set<string>();
  readonly #bodies: TemplateBodies;
  readonly #seen = new Set<string>();

  constructor(bodies: TemplateBodies) {
    this.#bodies = bodies;
  }

  /** A template that is called with the root. */
  template(name: string): void {
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    this.#body(this.#bodies.get(name) ?? [], true);
  }

  #body(body: readonly BodyNode[], atRoot: boolean): void {
    for (const node of body) {
      if (!('pipe' in node)) continue;
      if (node.pipe !== undefined) this.#pipe(node.pipe, atRoot);
      if (node.kind === 'template' && node.pipe !== undefined && isRoot(node.pipe, atRoot)) this.template(node.name);
      if (node.kind !== 'if' && node.kind !== 'with' && node.kind !== 'range') continue;
      this.#body(node.body, atRoot && node.kind === 'if');
      this.#body(node.otherwise ?? [], atRoot);
    }
  }

  #pipe(pipe: PipeNode, atRoot: boolean): void {
    for (const command of pipe.commands) for (const arg of command.args) this.#expression(arg, atRoot);
  }

  #expression(node: ExprNode, atRoot: boolean): void {
    if (node.kind === 'pipe') this.#pipe(node, atRoot);
    else if (node.kind === 'chain') this.#expression(node.term, atRoot);
    else if (node.kind === 'field' && atRoot) this.#add(node.path);
    else if (node.kind === 'variable' && node.name === '$' && node.path.length > 0) this.#add(node.path);
  }

  #add(path: readonly string[]): void {
    this.found.add(path.map((name) => `.${name}`).join(''));
  }
}

function isRoot(pipe: PipeNode, atRoot: boolean): boolean {
  const [command, ...more] = pipe.commands;
  const [arg, ...rest] = command?.args ?? [];
  if (arg === undefined || more.length > 0 || rest.length > 0) return false;
  return (arg.kind === 'dot' && atRoot) || (arg.kind === 'variable' && arg.name === '$' && arg.path.length === 0);
}
