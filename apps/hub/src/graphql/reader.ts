// One SQL text with its parameters, and the one place that runs the reads of this API.
import { Injectable, Inject } from '@nestjs/common';
import { Store } from '@wheelwright/platform-store';

/** A read: SQL with numbered parameters, and their values in order. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Collects parameters while a statement is put together, so that no value ever becomes SQL text. */
export class Params {
  readonly values: unknown[] = [];

  /** Adds a value and answers its placeholder (`$1`, `$2`, …). */
  bind(value: unknown): string {
    return `$${this.values.push(value)}`;
  }
}

/** Runs reads. Injected as a class, so that a test can put one in front that counts. */
@Injectable()
export class Reader {
  constructor(@Inject(Store) private readonly store: Store) {}

  /** The rows of one statement. `bigint` columns arrive as text: cast them in SQL. */
  async rows<Row extends object>(statement: Statement): Promise<readonly Row[]> {
    const { rows } = await this.store.pool.query<Row>(statement.text, [...statement.values]);
    return rows;
  }
}

/** `a AND b AND …`; `true` where there is nothing to ask. */
export function allOf(conditions: readonly string[]): string {
  return conditions.length === 0 ? 'true' : conditions.join(' AND ');
}

/** The number that a counting statement answers. */
export async function readCount(reader: Reader, statement: Statement): Promise<number> {
  const [row] = await reader.rows<{ count: number }>(statement);
  return row?.count ?? 0;
}
