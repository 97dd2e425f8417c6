// Waiting for a state of the world, with a deadline, instead of sleeping and hoping.

const DEADLINE_MS = 15_000;
const PAUSE_MS = 20;

/** Asks again (every 20 ms) until an answer is accepted, and answers it. Throws with the last answer after 15 s, or after `deadlineMs`. */
export async function eventually<Value>(
  ask: () => Promise<Value>,
  accept: (value: Value) => boolean,
  deadlineMs: number = DEADLINE_MS,
): Promise<Value> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const value = await ask();
    if (accept(value)) return value;
    if (Date.now() > end) throw new Error(`still not as expected: ${JSON.stringify({ value }).slice(0, 500)}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
