// The text of a template in, its trees out: the main one and those that it defines. Errors have Go's words and line.
import { GoTemplateError } from './errors.js';
import { limitError } from './limits.js';
import { tokenize, tokenText, type Token, type TokenKind } from './lexer.js';
import { readNumber } from './number-literal.js';
import { nodeText } from './nodes.js';
import type { BodyNode, BranchNode, CommandNode, ExprNode, PipeNode, VariableNode } from './nodes.js';
import { quoteGo, unquoteGo } from './quote.js';

/** The bodies of all templates of a text by name; the main one has the name ``. */
export type TemplateBodies = ReadonlyMap<string, readonly BodyNode[]>;

export interface ParseSettings {
  readonly hasFunction: (name: string) => boolean;
  /** How deep control structures and parentheses may nest. */
  readonly depth: number;
}

/** Parses a text. Throws GoTemplateError of kind `parse` or `limit`. */
export function parseTemplate(text: string, settings: ParseSettings): TemplateBodies {
  const shared: Shared = { tokens: tokenize(text), at: 0, depth: 0, bodies: new Map(), settings };
  new Tree(shared).main();
  return shared.bodies;
}

/** What the trees of one text share: they read from the same tokens. */
interface Shared {
  readonly tokens: readonly Token[];
  at: number;
  depth: number;
  readonly bodies: Map<string, readonly BodyNode[]>;
  readonly settings: ParseSettings;
}

/** What ends a list of nodes: `{{end}}` or `{{else}}`, with the place where it stands. */
interface Terminator {
  readonly kind: 'end' | 'else';
  readonly pos: number;
}

const OPERANDS: ReadonlySet<TokenKind> = new Set([
  'bool',
  'charConstant',
  'complex',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'rawString',
  'string',
  'variable',
  'leftParen',
]);
const NOT_EXECUTABLE: ReadonlySet<string> = new Set(['bool', 'dot', 'nil', 'number', 'string']);

/** The parser of one tree. Names and order of its methods follow the grammar; look-ahead is a step back in the shared tokens. */
class Tree {
  readonly #shared: Shared;
  readonly #vars: string[] = ['$'];
  #rangeDepth = 0;
  #actionLine = 0;
  #line = 1;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  main(): void {
    const body: BodyNode[] = [];
    for (let token = this.#peek(); token.kind !== 'EOF'; token = this.#peek()) {
      if (token.kind === 'leftDelim') {
        const back = this.#shared.at;
        this.#next();
        const word = this.#nextNonSpace();
        if (word.kind === 'keyword' && word.text === 'define') {
          this.#define();
          continue;
        }
        this.#shared.at = back;
      }
      const node = this.#textOrAction();
      if (isTerminator(node)) this.#fail(`unexpected {{${node.kind}}}`);
      body.push(node);
    }
    this.#add('', body);
  }

  #define(): void {
    const tree = new Tree(this.#shared);
    const context = 'define clause';
    const token = tree.#nextNonSpace();
    if (token.kind !== 'string' && token.kind !== 'rawString') tree.#unexpected(token, context);
    const name = tree.#unquote(token);
    tree.#expect('rightDelim', context);
    const [body, end] = tree.#list();
    if (end.kind !== 'end') tree.#fail(`unexpected {{${end.kind}}} in ${context}`);
    tree.#add(name, body);
  }

  /** A second definition of a name is an error, unless one of them is empty. */
  #add(name: string, body: readonly BodyNode[]): void {
    const known = this.#shared.bodies.get(name);
    if (known === undefined || isEmpty(known)) this.#shared.bodies.set(name, body);
    else if (!isEmpty(body)) this.#fail(`template: multiple definition of template ${quoteGo(name)}`);
  }

  #list(): readonly [readonly BodyNode[], Terminator] {
    const body: BodyNode[] = [];
    this.#enter();
    while (this.#peekNonSpace().kind !== 'EOF') {
      const node = this.#textOrAction();
      if (isTerminator(node)) {
        this.#shared.depth -= 1;
        return [body, node];
      }
      body.push(node);
    }
    return this.#fail('unexpected EOF');
  }

  #textOrAction(): BodyNode | Terminator {
    const token = this.#nextNonSpace();
    if (token.kind === 'text') return { kind: 'text', pos: token.pos, text: token.text };
    if (token.kind !== 'leftDelim') this.#unexpected(token, 'input');
    this.#actionLine = token.line;
    const node = this.#action();
    this.#actionLine = 0;
    return node;
  }

  #action(): BodyNode | Terminator {
    const token = this.#nextNonSpace();
    if (token.kind !== 'keyword') {
      this.#shared.at -= 1;
      return { kind: 'action', pos: token.pos, pipe: this.#pipeline('command', 'rightDelim') };
    }
    switch (token.text) {
      case 'if':
      case 'with':
      case 'range':
        return this.#control(token.text);
      case 'break':
      case 'continue':
        return this.#jump(token, token.text);
      case 'else':
        return this.#else();
      case 'end':
        return { kind: 'end', pos: this.#expect('rightDelim', 'end').pos };
      case 'block':
        return this.#block();
      case 'template':
        return this.#template();
      default:
        this.#shared.at -= 1;
        return { kind: 'action', pos: token.pos, pipe: this.#pipeline('command', 'rightDelim') };
    }
  }

  #jump(token: Token, kind: 'break' | 'continue'): BodyNode {
    const next = this.#nextNonSpace();
    if (next.kind !== 'rightDelim') this.#unexpected(next, `{{${kind}}}`);
    if (this.#rangeDepth === 0) this.#fail(`{{${kind}}} outside {{range}}`);
    return { kind, pos: token.pos };
  }

  #else(): Terminator {
    const next = this.#peekNonSpace();
    // `else if` leaves the `if` to the control structure that reads on.
    if (next.kind === 'keyword' && (next.text === 'if' || next.text === 'with')) return { kind: 'else', pos: next.pos };
    return { kind: 'else', pos: this.#expect('rightDelim', 'else').pos };
  }

  #control(kind: BranchNode['kind']): BranchNode {
    const vars = this.#vars.length;
    const pipe = this.#pipeline(kind, 'rightDelim');
    if (kind === 'range') this.#rangeDepth += 1;
    const [body, end] = this.#list();
    if (kind === 'range') this.#rangeDepth -= 1;
    const otherwise = end.kind === 'end' ? undefined : this.#otherwise(kind);
    this.#vars.length = vars;
    return { kind, pos: pipe.pos, pipe, body, otherwise };
  }

  #otherwise(kind: BranchNode['kind']): readonly BodyNode[] {
    const next = this.#peek();
    if (kind !== 'range' && next.kind === 'keyword' && next.text === kind) {
      this.#next();
      this.#enter();
      const chained = this.#control(kind);
      this.#shared.depth -= 1;
      return [chained];
    }
    const [body, end] = this.#list();
    if (end.kind !== 'end') this.#fail(`expected end; found {{${end.kind}}}`);
    return body;
  }

  #block(): BodyNode {
    const context = 'block clause';
    const token = this.#nextNonSpace();
    const name = this.#templateName(token, context);
    const pipe = this.#pipeline(context, 'rightDelim');
    const tree = new Tree(this.#shared);
    const [body, end] = tree.#list();
    if (end.kind !== 'end') this.#fail(`unexpected {{${end.kind}}} in ${context}`);
    tree.#add(name, body);
    return { kind: 'template', pos: token.pos, name, pipe };
  }

  #template(): BodyNode {
    const context = 'template clause';
    const token = this.#nextNonSpace();
    const name = this.#templateName(token, context);
    if (this.#nextNonSpace().kind === 'rightDelim') return { kind: 'template', pos: token.pos, name, pipe: undefined };
    this.#shared.at -= 1;
    return { kind: 'template', pos: token.pos, name, pipe: this.#pipeline(context, 'rightDelim') };
  }

  #templateName(token: Token, context: string): string {
    if (token.kind !== 'string' && token.kind !== 'rawString') this.#unexpected(token, context);
    return this.#unquote(token);
  }

  #pipeline(context: string, end: TokenKind): PipeNode {
    const pos = this.#peekNonSpace().pos;
    const { declares, assign } = this.#declarations(context);
    const commands: CommandNode[] = [];
    for (;;) {
      const token = this.#nextNonSpace();
      if (token.kind === end) break;
      if (!OPERANDS.has(token.kind)) this.#unexpected(token, context);
      this.#shared.at -= 1;
      commands.push(this.#command());
    }
    if (commands.length === 0) this.#fail(`missing value for ${context}`);
    const stuck = commands.findIndex((command, index) => index > 0 && NOT_EXECUTABLE.has(command.args[0]?.kind ?? ''));
    if (stuck > 0) this.#fail(`non executable command in pipeline stage ${stuck + 1}`);
    return { kind: 'pipe', pos, declares, assign, commands };
  }

  #declarations(context: string): Pick<PipeNode, 'declares' | 'assign'> {
    const declares: VariableNode[] = [];
    for (;;) {
      const variable = this.#peekNonSpace();
      if (variable.kind !== 'variable') return { declares, assign: false };
      const back = this.#shared.at;
      this.#next();
      const next = this.#peekNonSpace();
      const comma = next.kind === 'char' && next.text === ',';
      if (next.kind !== 'assign' && next.kind !== 'declare' && !comma) {
        this.#shared.at = back;
        return { declares, assign: false };
      }
      this.#nextNonSpace();
      declares.push({ kind: 'variable', pos: variable.pos, name: variable.text, path: [] });
      this.#vars.push(variable.text);
      if (!comma) return { declares, assign: next.kind === 'assign' };
      if (context !== 'range' || declares.length >= 2) this.#fail(`too many declarations in ${context}`);
      const follows = this.#peekNonSpace().kind;
      if (follows === 'variable' || follows === 'rightDelim' || follows === 'rightParen') continue;
      this.#fail('range can only initialize variables');
    }
  }

  #command(): CommandNode {
    const pos = this.#peekNonSpace().pos;
    const args: ExprNode[] = [];
    for (;;) {
      this.#peekNonSpace();
      const operand = this.#operand();
      if (operand !== undefined) args.push(operand);
      const token = this.#next();
      if (token.kind === 'space') continue;
      if (token.kind === 'rightDelim' || token.kind === 'rightParen') this.#shared.at -= 1;
      else if (token.kind !== 'pipe') this.#unexpected(token, 'operand');
      break;
    }
    if (args.length === 0) this.#fail('empty command');
    return { kind: 'command', pos, args };
  }

  #operand(): ExprNode | undefined {
    const term = this.#term();
    const first = this.#peek();
    if (term === undefined || first.kind !== 'field') return term;
    const path: string[] = [];
    while (this.#peek().kind === 'field') path.push(this.#next().text.slice(1));
    if (term.kind === 'field' || term.kind === 'variable')
      return { ...term, pos: first.pos, path: [...term.path, ...path] };
    if (NOT_EXECUTABLE.has(term.kind)) this.#fail(`unexpected . after term ${quoteGo(nodeText(term))}`);
    return { kind: 'chain', pos: first.pos, term, path };
  }

  #term(): ExprNode | undefined {
    const token = this.#nextNonSpace();
    const { pos, text } = token;
    switch (token.kind) {
      case 'identifier':
        if (!this.#shared.settings.hasFunction(text)) this.#fail(`function ${quoteGo(text)} not defined`);
        return { kind: 'identifier', pos, name: text };
      case 'dot':
      case 'nil':
        return { kind: token.kind, pos };
      case 'variable':
        if (!this.#vars.includes(text)) this.#fail(`undefined variable ${quoteGo(text)}`);
        return { kind: 'variable', pos, name: text, path: [] };
      case 'field':
        return { kind: 'field', pos, path: [text.slice(1)] };
      case 'bool':
        return { kind: 'bool', pos, value: text === 'true' };
      case 'charConstant':
      case 'complex':
      case 'number':
        return this.#number(token);
      case 'string':
      case 'rawString':
        return { kind: 'string', pos, quoted: text, value: this.#unquote(token) };
      case 'leftParen': {
        this.#enter();
        const pipe = this.#pipeline('parenthesized pipeline', 'rightParen');
        this.#shared.depth -= 1;
        return pipe;
      }
      default:
        this.#shared.at -= 1;
        return undefined;
    }
  }

  #number(token: Token): ExprNode {
    const value = readNumber(token.text);
    if (typeof value === 'string') this.#fail(value);
    return { kind: 'number', pos: token.pos, text: token.text, ...value };
  }

  #unquote(token: Token): string {
    return unquoteGo(token.text) ?? this.#fail('invalid syntax');
  }

  #enter(): void {
    this.#shared.depth += 1;
    if (this.#shared.depth > this.#shared.settings.depth) {
      throw limitError(`to nest deeper than ${this.#shared.settings.depth}`);
    }
  }

  #next(): Token {
    const { tokens, at } = this.#shared;
    const token = tokens[Math.min(at, tokens.length - 1)] ?? { kind: 'EOF', text: 'EOF', pos: 0, line: 1 };
    this.#shared.at = at + 1;
    this.#line = token.line;
    return token;
  }

  #peek(): Token {
    const token = this.#next();
    this.#shared.at -= 1;
    return token;
  }

  #nextNonSpace(): Token {
    let token = this.#next();
    while (token.kind === 'space') token = this.#next();
    return token;
  }

  #peekNonSpace(): Token {
    const token = this.#nextNonSpace();
    this.#shared.at -= 1;
    return token;
  }

  #expect(kind: TokenKind, context: string): Token {
    const token = this.#nextNonSpace();
    if (token.kind !== kind) this.#unexpected(token, context);
    return token;
  }

  #unexpected(token: Token, context: string): never {
    if (token.kind !== 'error') this.#fail(`unexpected ${tokenText(token)} in ${context}`);
    const elsewhere = this.#actionLine !== 0 && this.#actionLine !== token.line;
    const started = ` started at :${this.#actionLine}`;
    const place = !elsewhere ? '' : token.text.endsWith(' action') ? started : ` in action${started}`;
    this.#fail(`${token.text}${place}`);
  }

  #fail(message: string): never {
    throw new GoTemplateError('parse', `template: :${this.#line}: ${message}`);
  }
}

function isTerminator(node: BodyNode | Terminator): node is Terminator {
  return node.kind === 'end' || node.kind === 'else';
}

function isEmpty(body: readonly BodyNode[]): boolean {
  return body.every((node) => node.kind === 'text' && node.text.trim() === '');
}
