// The tree of a parsed template, and the text of each of its nodes as Go's error messages quote it.
import { quoteGo } from './quote.js';

interface Located {
  /** Where the node starts in the template's text, in UTF-16 units. */
  readonly pos: number;
}

/** A number literal under all the types that can hold it, as Go's ideal constants are. */
export interface NumberNode extends Located {
  readonly kind: 'number';
  readonly text: string;
  readonly int: bigint | undefined;
  readonly uint: bigint | undefined;
  readonly float: number | undefined;
}
export interface StringNode extends Located {
  readonly kind: 'string';
  readonly quoted: string;
  readonly value: string;
}
export interface BoolNode extends Located {
  readonly kind: 'bool';
  readonly value: boolean;
}
export interface DotNode extends Located {
  readonly kind: 'dot';
}
export interface NilNode extends Located {
  readonly kind: 'nil';
}
export interface FieldNode extends Located {
  readonly kind: 'field';
  readonly path: readonly string[];
}
/** A variable (`$x`) and the fields that are read from it. */
export interface VariableNode extends Located {
  readonly kind: 'variable';
  readonly name: string;
  readonly path: readonly string[];
}
export interface IdentifierNode extends Located {
  readonly kind: 'identifier';
  readonly name: string;
}
/** Fields of a term that is no field and no variable, such as a parenthesised pipeline. */
export interface ChainNode extends Located {
  readonly kind: 'chain';
  readonly term: ExprNode;
  readonly path: readonly string[];
}
export interface CommandNode extends Located {
  readonly kind: 'command';
  readonly args: readonly ExprNode[];
}
export interface PipeNode extends Located {
  readonly kind: 'pipe';
  readonly assign: boolean;
  readonly declares: readonly VariableNode[];
  readonly commands: readonly CommandNode[];
}
export type ExprNode =
  | NumberNode
  | StringNode
  | BoolNode
  | DotNode
  | NilNode
  | FieldNode
  | VariableNode
  | IdentifierNode
  | ChainNode
  | PipeNode;

export interface TextNode extends Located {
  readonly kind: 'text';
  readonly text: string;
}
export interface ActionNode extends Located {
  readonly kind: 'action';
  readonly pipe: PipeNode;
}
export interface BranchNode extends Located {
  readonly kind: 'if' | 'with' | 'range';
  readonly pipe: PipeNode;
  readonly body: readonly BodyNode[];
  readonly otherwise: readonly BodyNode[] | undefined;
}
export interface TemplateNode extends Located {
  readonly kind: 'template';
  readonly name: string;
  readonly pipe: PipeNode | undefined;
}
export interface JumpNode extends Located {
  readonly kind: 'break' | 'continue';
}
export type BodyNode = TextNode | ActionNode | BranchNode | TemplateNode | JumpNode;

/** What an error can point at. */
export type AnyNode = ExprNode | CommandNode | BodyNode;

/** The node as Go writes it back. */
export function nodeText(node: AnyNode): string {
  switch (node.kind) {
    case 'number':
    case 'text':
      return node.text;
    case 'string':
      return node.quoted;
    case 'bool':
      return String(node.value);
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'field':
      return node.path.map((name) => `.${name}`).join('');
    case 'variable':
      return [node.name, ...node.path].join('.');
    case 'identifier':
      return node.name;
    case 'chain':
      return `${inParens(node.term)}${node.path.map((name) => `.${name}`).join('')}`;
    case 'command':
      return node.args.map(inParens).join(' ');
    case 'pipe':
      return pipeText(node);
    case 'action':
      return `{{${pipeText(node.pipe)}}}`;
    case 'template':
      return `{{template ${quoteGo(node.name)}${node.pipe === undefined ? '' : ` ${pipeText(node.pipe)}`}}}`;
    case 'break':
    case 'continue':
      return `{{${node.kind}}}`;
    case 'if':
    case 'with':
    case 'range':
      return branchText(node);
  }
}

function branchText(node: BranchNode): string {
  const otherwise = node.otherwise === undefined ? '' : `{{else}}${node.otherwise.map(nodeText).join('')}`;
  return `{{${node.kind} ${pipeText(node.pipe)}}}${node.body.map(nodeText).join('')}${otherwise}{{end}}`;
}

function pipeText(pipe: PipeNode): string {
  const commands = pipe.commands.map(nodeText).join(' | ');
  if (pipe.declares.length === 0) return commands;
  return `${pipe.declares.map(nodeText).join(', ')} ${pipe.assign ? '=' : ':='} ${commands}`;
}

function inParens(node: ExprNode): string {
  return node.kind === 'pipe' ? `(${pipeText(node)})` : nodeText(node);
}
