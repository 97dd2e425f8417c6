// Failed logins, counted in Postgres by user name and by source address: a restart forgets nothing.
import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '@wheelwright/kernel';
import { ACCESS_OPTIONS, type AccessOptions } from './options.js';

const WINDOW_MS = 15 * 60_000;
/** One address may fail more often than one name: several people can share it. */
const LIMITS = { name: 10, address: 50 } as const;

export interface LoginSource {
  readonly username: string;
  readonly address: string;
}

interface Counted {
  readonly subject: string;
  readonly failures: number;
  readonly window_start: Date;
}

@Injectable()
export class LoginLimiter {
  constructor(@Inject(ACCESS_OPTIONS) private readonly options: AccessOptions) {}

  /**
   * Counts the attempt as failed before the password is looked at, so that parallel guesses cannot overtake the counter;
   * {@link succeeded} takes it back. Throws `TooManyRequests` (details.retryAfterMs) past a limit, known name or not.
   */
  async attempt(source: LoginSource): Promise<void> {
    const now = this.options.clock.nowMs();
    const { name, address } = subjects(source);
    await this.options.store.pool.query('DELETE FROM login_attempts WHERE window_start < $1', [
      new Date(now - WINDOW_MS),
    ]);
    const { rows } = await this.options.store.pool.query<Counted>(
      `INSERT INTO login_attempts (subject, failures, window_start) SELECT subject, 1, $2 FROM unnest($1::text[]) AS subject ORDER BY subject
       ON CONFLICT (subject) DO UPDATE SET failures = login_attempts.failures + 1
       RETURNING subject, failures, window_start`,
      [[name, address], new Date(now)],
    );
    const past = rows.filter((row) => row.failures > (row.subject === name ? LIMITS.name : LIMITS.address));
    if (past.length === 0) return;
    const retryAfterMs = Math.max(...past.map((row) => row.window_start.getTime() + WINDOW_MS - now), 1_000);
    throw new AppError(
      'TooManyRequests',
      `Too many failed logins; try again in ${String(Math.ceil(retryAfterMs / 60_000))} min`,
      {
        details: { retryAfterMs },
      },
    );
  }

  /** Forgets the failures of the name, and the one attempt of the address: a right password must not clear the guesses at other names. */
  async succeeded(source: LoginSource): Promise<void> {
    const { name, address } = subjects(source);
    await this.options.store.pool.query(
      `WITH cleared AS (DELETE FROM login_attempts WHERE subject = $1) UPDATE login_attempts SET failures = failures - 1 WHERE subject = $2`,
      [name, address],
    );
  }
}

/** Digests, because people type passwords into the name field. */
function subjects(source: LoginSource): { readonly name: string; readonly address: string } {
  return { name: `name:${digest(source.username)}`, address: `address:${digest(source.address)}` };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
