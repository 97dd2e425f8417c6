// Whether the hub can serve: each outside part it needs answers, and nobody asked it to stop.
import { Inject, Injectable } from '@nestjs/common';

/** Injection token of the list of {@link ReadinessCheck}s. */
export const READINESS_CHECKS = Symbol('ReadinessChecks');

export interface ReadinessCheck {
  readonly name: string;
  /** Settles when the part answers, rejects where it does not. */
  readonly check: () => Promise<void>;
}

export type CheckResults = Readonly<Record<string, 'ok' | 'failed'>>;

const CHECK_DEADLINE_MS = 3_000;

@Injectable()
export class Readiness {
  private draining = false;

  constructor(@Inject(READINESS_CHECKS) private readonly checks: readonly ReadinessCheck[]) {}

  /** From now on the hub is not ready: load balancers stop sending before the server closes. */
  drain(): void {
    this.draining = true;
  }

  /** Runs all checks at once, each under a deadline. */
  async run(): Promise<{ readonly ready: boolean; readonly checks: CheckResults }> {
    const results = await Promise.all(
      this.checks.map(async ({ name, check }) => [name, await outcomeOf(check)] as const),
    );
    return {
      ready: !this.draining && results.every(([, result]) => result === 'ok'),
      checks: Object.fromEntries(results),
    };
  }
}

async function outcomeOf(check: () => Promise<void>): Promise<'ok' | 'failed'> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<'failed'>((resolve) => {
    timer = setTimeout(() => {
      resolve('failed');
    }, CHECK_DEADLINE_MS);
  });
  try {
    return await Promise.race([check().then(() => 'ok' as const), deadline]);
  } catch {
    return 'failed';
  } finally {
    clearTimeout(timer);
  }
}
