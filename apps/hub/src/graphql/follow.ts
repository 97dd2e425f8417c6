// Follows a mailbox for one subscriber: checks its rights before each batch, reads the batch, hands on one event after another.
import { AppError } from '@wheelwright/kernel';
import type { Mailbox } from './change-feed.js';

/** The rights of a subscriber are checked at least this often, so that a revocation ends it within ten seconds (rows of five are read). */
export const RECHECK_MS = 4_500;

export interface Follower<Event> {
  readonly mailbox: Mailbox;
  /** Changes within this time after the first are one batch. */
  readonly gatherMs: number;
  isStillAllowed(): Promise<boolean>;
  /** The events of a batch, read with the subscriber's rights. */
  read(ids: readonly string[]): Promise<readonly Event[]>;
  /** The error that the subscriber gets for what went wrong. */
  present(error: unknown): Error;
}

/** The events of a follower, until it leaves, loses its rights or misses something. Leaving ends it at once, also while it waits. */
export function follow<Event>(follower: Follower<Event>): AsyncIterableIterator<Event> {
  const events = eventsOf(follower);
  return {
    next: () => events.next(),
    return: async () => {
      follower.mailbox.close();
      await events.return(undefined);
      return { done: true, value: undefined };
    },
    throw: (error) => {
      follower.mailbox.close();
      return events.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* eventsOf<Event>(follower: Follower<Event>): AsyncGenerator<Event, undefined> {
  try {
    for (;;) {
      const mail = await follower.mailbox.take(RECHECK_MS, follower.gatherMs);
      if (mail === 'closed') return undefined;
      if (!(await follower.isStillAllowed())) {
        throw new AppError(
          'Unauthenticated',
          'the session or token of this subscription is no longer valid, or may do something else now: log in or connect again',
        );
      }
      if (mail.ids.length > 0) yield* await follower.read(mail.ids);
    }
  } catch (error) {
    throw follower.present(error);
  } finally {
    follower.mailbox.close();
  }
}
