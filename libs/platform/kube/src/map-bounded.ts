// Many items and one asynchronous step in, the step's answers in the items' order out, never more than so many steps at a time.

/**
 * Runs `step` on every item, at most `limit` at once. After a first failure no further step starts; the failure is thrown when the
 * steps that run have ended, so that nothing goes on behind the caller's back.
 */
export async function mapBounded<T, R>(
  items: readonly T[],
  limit: number,
  step: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const queue = [...items.entries()].reverse();
  const results = new Map<number, R>();
  const failures: unknown[] = [];
  const lane = async (): Promise<void> => {
    for (let task = queue.pop(); task !== undefined && failures.length === 0; task = queue.pop()) {
      const [at, item] = task;
      try {
        results.set(at, await step(item));
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(Math.max(1, limit), items.length) }, lane));
  if (failures.length > 0) throw failures[0];
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}
