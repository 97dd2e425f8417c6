// Relay connections by type: `ApplicationConnection { edges nodes pageInfo totalCount }`, each part read only when asked for.
import { Field, Int, ObjectType } from '@nestjs/graphql';
import { cursorOf, type ConnectionSource, type PageRows } from './paging.js';

@ObjectType({ description: 'Where a page ends, and whether more follow.' })
export class PageInfo {
  @Field(() => Boolean)
  hasNextPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Hand it to `after` for the next page.' })
  endCursor!: string | null;
}

export interface Edge<Node> {
  readonly cursor: string;
  readonly node: Node;
}

/** One page of a list, read when first asked for. */
export interface Connection<Node> {
  readonly edges: Promise<readonly Edge<Node>[]>;
  readonly nodes: Promise<readonly Node[]>;
  readonly pageInfo: Promise<PageInfo>;
  readonly totalCount: Promise<number>;
}

export type ConnectionClass<Node> = new (source: ConnectionSource<Node>) => Connection<Node>;

/** Makes the connection and edge types of a node type. `name` is its name in the schema. */
export function connectionType<Node>(nodeType: () => abstract new () => Node, name: string): ConnectionClass<Node> {
  @ObjectType(`${name}Edge`)
  class EdgeType implements Edge<Node> {
    @Field(() => String)
    cursor!: string;

    @Field(nodeType)
    node!: Node;
  }

  @ObjectType(`${name}Connection`)
  class ConnectionType implements Connection<Node> {
    readonly #source: ConnectionSource<Node>;
    #page: Promise<PageRows<Node>> | undefined;

    constructor(source: ConnectionSource<Node>) {
      this.#source = source;
    }

    #rows(): Promise<PageRows<Node>> {
      this.#page ??= this.#source.page();
      return this.#page;
    }

    @Field(() => [EdgeType])
    get edges(): Promise<readonly Edge<Node>[]> {
      return this.#rows().then(({ rows }) => rows.map(({ key, node }) => ({ cursor: cursorOf(key), node })));
    }

    @Field(() => [nodeType()], { description: 'The nodes of the page, without their edges.' })
    get nodes(): Promise<readonly Node[]> {
      return this.#rows().then(({ rows }) => rows.map(({ node }) => node));
    }

    @Field(() => PageInfo)
    get pageInfo(): Promise<PageInfo> {
      return this.#rows().then(({ rows, hasNextPage }) => {
        const last = rows.at(-1);
        return { hasNextPage, endCursor: last === undefined ? null : cursorOf(last.key) };
      });
    }

    @Field(() => Int, { description: 'How many there are in all pages. Counted only when asked for.' })
    get totalCount(): Promise<number> {
      return this.#source.count();
    }
  }

  return ConnectionType;
}
