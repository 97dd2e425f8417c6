// How many requests a host gets at once. Those that wait have not begun: their deadline starts with their slot.

interface Lane {
  busy: number;
  readonly waiting: Set<() => void>;
}

export class Slots {
  readonly #lanes = new Map<string, Lane>();

  constructor(private readonly limit: number) {}

  /** Runs `work` once one of the slots of `key` is free, in the order of the calls. Throws the signal's reason where it is aborted before. */
  async run<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const lane = this.#lanes.get(key) ?? { busy: 0, waiting: new Set() };
    this.#lanes.set(key, lane);
    if (lane.busy >= this.limit) await turn(lane, signal);
    else lane.busy += 1;
    try {
      return await work();
    } finally {
      // The slot goes from hand to hand, so that nobody who comes later can take it first.
      const [next] = lane.waiting;
      if (next !== undefined) next();
      else lane.busy -= 1;
      if (lane.busy === 0) this.#lanes.delete(key);
    }
  }
}

async function turn(lane: Lane, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const leave = (): void => {
      lane.waiting.delete(enter);
      signal.removeEventListener('abort', onAbort);
    };
    const enter = (): void => {
      leave();
      resolve();
    };
    const onAbort = (): void => {
      leave();
      reject(signal.reason as Error);
    };
    lane.waiting.add(enter);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
