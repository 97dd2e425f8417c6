// Waiting for something to become true, always with a deadline.
import { setTimeout as delay } from 'node:timers/promises';

/** Why a run of an experiment cannot go on. */
export class BenchError extends Error {}

/** How long to wait for something, and how often to look. */
export interface Patience {
  readonly deadlineMs: number;
  readonly everyMs: number;
}

/** Asks until the answer is not `undefined`, and answers it. Past the deadline it throws with what was waited for and the last error. */
export async function eventually<T>(
  what: string,
  { deadlineMs, everyMs }: Patience,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  const endsAt = performance.now() + deadlineMs;
  let last = '';
  while (performance.now() < endsAt) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = ` (last: ${error instanceof Error ? error.message : String(error)})`;
    }
    await delay(everyMs);
  }
  throw new BenchError(`${what}: not within ${deadlineMs / 1000} s${last}`);
}

/** Runs `work` on every item, at most `width` at the same time; answers in the order of the items. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T, at: number) => Promise<R>,
): Promise<R[]> {
  const answers: R[] = [];
  const entries = items.entries();
  const run = async (): Promise<void> => {
    for (const [at, item] of entries) answers[at] = await work(item, at);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, run));
  return answers;
}

/** One line of progress on stderr; stdout is for results. */
export function progress(text: string): void {
  process.stderr.write(`> ${text}\n`);
}
