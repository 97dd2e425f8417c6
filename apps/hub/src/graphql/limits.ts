// What a single document may ask for: a rule of validation that counts aliases, roots and fields, and the cost of an operation with its variables.
import {
  GraphQLError,
  isCompositeType,
  isObjectType,
  isInterfaceType,
  Kind,
  getNamedType,
  type ASTVisitor,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';
import { AppError } from '@wheelwright/kernel';
import { DEFAULT_PAGE, MAX_PAGE } from './paging.js';

export const MAX_DEPTH = 12;
export const MAX_ALIASES = 30;
export const MAX_ROOT_FIELDS = 20;
export const MAX_FIELDS = 500;
export const MAX_TOKENS = 4_000;
/** Objects that one operation may resolve at most, by the page sizes that it asks for. */
export const MAX_COST = 10_000;
/** Cost of fields that do more than read a row: these talk to a spoke. */
const FIELD_COST: Readonly<Record<string, number>> = {
  'Application.diff': 1_000,
  'Application.tree': 1_000,
  'Application.events': 1_000,
};

/** Refuses documents with too many aliases, root fields or fields: each alias runs a field once more. */
export function documentLimits(context: ValidationContext): ASTVisitor {
  let aliases = 0;
  let fields = 0;
  const refuse = (message: string, node: FieldNode | OperationDefinitionNode): void =>
    context.reportError(new GraphQLError(message, { nodes: node }));
  return {
    OperationDefinition(node) {
      const roots = node.selectionSet.selections.length;
      if (roots > MAX_ROOT_FIELDS)
        refuse(`an operation has at most ${MAX_ROOT_FIELDS} root fields, this one has ${roots}`, node);
    },
    Field(node) {
      fields += 1;
      if (fields === MAX_FIELDS + 1) refuse(`a document has at most ${MAX_FIELDS} fields`, node);
      if (node.alias === undefined) return;
      aliases += 1;
      if (aliases === MAX_ALIASES + 1) refuse(`a document has at most ${MAX_ALIASES} aliases`, node);
    },
  };
}

/** How JSON begins, and no GraphQL document does. */
const JSON_START = /^[ \t\r\n]*(?:\{[ \t\r\n]*["}]|[["\d-]|true|false|null)/;

/** Throws `InvalidRequest` for a query that is JSON: Mercurius would take it for a parsed document, past the limit of tokens. */
export function assertText(source: string): void {
  if (JSON_START.test(source)) throw new AppError('InvalidRequest', 'the query is JSON: send a GraphQL document');
}

/** An operation to weigh: a validated document, the operation in it, the caller's variables. */
export interface WeighedOperation {
  readonly document: DocumentNode;
  readonly operationName?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

/** Throws `InvalidRequest` where the operation may resolve more than {@link MAX_COST} objects. */
export function assertCost(schema: GraphQLSchema, operation: WeighedOperation): void {
  const cost = costOf(schema, operation);
  if (cost <= MAX_COST) return;
  throw new AppError(
    'InvalidRequest',
    `the operation may read ${Math.round(cost)} objects and the limit is ${MAX_COST}: ask for smaller pages ("first") or fewer nested lists`,
  );
}

/** How many objects an operation may resolve at most. The largest of a document's operations where none is named. */
export function costOf(schema: GraphQLSchema, { document, operationName, variables = {} }: WeighedOperation): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const weigher = new Weigher(schema, fragments, variables);
  const costs = document.definitions
    .filter((node) => node.kind === Kind.OPERATION_DEFINITION)
    .filter((node) => operationName == null || node.name?.value === operationName)
    .map((node) => weigher.selections(node.selectionSet, schema.getRootType(node.operation) ?? undefined));
  return Math.max(0, ...costs);
}

class Weigher {
  /** The cost of a fragment is the same wherever it is spread, so it is weighed once: spreads of spreads cannot explode. */
  readonly #fragmentCosts = new Map<string, number>();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    private readonly variables: Readonly<Record<string, unknown>>,
  ) {}

  selections(set: SelectionSetNode, parent: GraphQLNamedType | undefined): number {
    let cost = 0;
    for (const selection of set.selections) {
      switch (selection.kind) {
        case Kind.FIELD:
          cost += this.#field(selection, parent);
          break;
        case Kind.INLINE_FRAGMENT: {
          const condition = selection.typeCondition?.name.value;
          cost += this.selections(
            selection.selectionSet,
            condition === undefined ? parent : this.schema.getType(condition),
          );
          break;
        }
        case Kind.FRAGMENT_SPREAD:
          cost += this.#fragment(selection.name.value);
          break;
      }
    }
    return cost;
  }

  #fragment(name: string): number {
    const known = this.#fragmentCosts.get(name);
    const fragment = this.fragments.get(name);
    if (known !== undefined || fragment === undefined) return known ?? 0;
    const cost = this.selections(fragment.selectionSet, this.schema.getType(fragment.typeCondition.name.value));
    this.#fragmentCosts.set(name, cost);
    return cost;
  }

  #field(node: FieldNode, parent: GraphQLNamedType | undefined): number {
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined;
    if (field === undefined) return 0;
    const type = getNamedType(field.type);
    const own = FIELD_COST[`${parent?.name}.${field.name}`] ?? (isCompositeType(type) ? 1 : 0);
    if (node.selectionSet === undefined) return own;
    return own + this.#pageSize(node, field) * this.selections(node.selectionSet, type);
  }

  /** How often the selections of a field may run: the page size of a connection, once for everything else. */
  #pageSize(node: FieldNode, field: GraphQLField<unknown, unknown>): number {
    const size = field.args.find(({ name }) => name === 'first');
    if (size === undefined) return 1;
    const value = node.arguments?.find(({ name }) => name.value === 'first')?.value;
    let first: unknown = size.defaultValue ?? DEFAULT_PAGE;
    if (value?.kind === Kind.INT) first = Number(value.value);
    if (value?.kind === Kind.VARIABLE) first = this.variables[value.name.value] ?? MAX_PAGE;
    return typeof first === 'number' && first >= 0 ? Math.min(first, MAX_PAGE) : MAX_PAGE;
  }
}
