// The stores that a queue can be on: every scenario in which the queue matters runs on each.
import { redisMissing, startRedis } from '@wheelwright/testing';

/** One store of the queue and of the signals. */
export interface Backend {
  readonly name: 'Postgres' | 'Redis';
  /** Why it cannot be used here, as `skipped: <reason>`; empty where it can. */
  readonly missing: string;
  /** Starts what it needs besides the database; absent `redisUrl`: nothing. */
  start(): Promise<StartedBackend>;
}

export interface StartedBackend {
  readonly redisUrl?: string;
  readonly stop: () => Promise<void>;
}

export const ON_POSTGRES: Backend = {
  name: 'Postgres',
  missing: '',
  start: async () => ({ stop: async () => undefined }),
};

const onRedis = (): Backend => ({
  name: 'Redis',
  missing: redisMissing(),
  start: async () => {
    const { url, stop } = await startRedis();
    return { redisUrl: url, stop };
  },
});

/** Both, the embedded one first. */
export const BACKENDS: readonly Backend[] = [ON_POSTGRES, onRedis()];

/** The end of a title: on what the scenarios run, and, where they cannot, why. */
export const titleOf = ({ name, missing }: Backend): string =>
  missing === '' ? `on ${name}` : `on ${name} (${missing})`;
