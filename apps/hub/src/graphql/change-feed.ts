// One subscription of the process to each channel of signals, fanned out to mailboxes: each holds the ids that its reader has not taken yet.
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { AppError } from '@wheelwright/kernel';
import type { Signal } from '@wheelwright/platform-queue';
import { HUB_PARTS, type HubParts } from '../parts.js';

/** Channels that workers publish on: ids of Applications whose verdict or detail changed; ids of clusters whose state did. */
export const CHANNELS = { applications: 'applications', fleet: 'fleet' } as const;
export type Channel = keyof typeof CHANNELS;

/** More ids than this in one mailbox, and its reader is too slow to follow: it starts again. */
const MAX_PENDING = 20_000;

/** What a reader finds: ids (none: the time is over), or the end. */
export type Mail = { readonly ids: readonly string[] } | 'closed';

/** The ids that changed since its reader last looked. Many changes of one id are one. */
export class Mailbox {
  readonly #ids = new Set<string>();
  #failure: AppError | undefined;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(private readonly onClose: (mailbox: Mailbox) => void) {}

  /** Takes a signal. After a gap, or too many ids, the reader gets an error that tells it to start again. */
  put(signal: Signal): void {
    if (signal.resync) this.#failure = restart('changes may have been missed');
    else for (const id of signal.ids) this.#ids.add(id);
    if (this.#ids.size > MAX_PENDING) this.#failure = restart('more changed than this subscription could follow');
    this.#wake?.();
  }

  /** The next ids, all that came within `gatherMs` of the first; none after `waitMs` without any. */
  async take(waitMs: number, gatherMs: number): Promise<Mail> {
    if (!this.#hasNews()) await this.#sleep(waitMs);
    if (this.#ids.size > 0 && !this.#closed && this.#failure === undefined) await this.#sleep(gatherMs, 'undisturbed');
    if (this.#closed) return 'closed';
    if (this.#failure !== undefined) throw this.#failure;
    const ids = [...this.#ids];
    this.#ids.clear();
    return { ids };
  }

  /** Ends it; a reader that waits is told at once. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onClose(this);
    this.#wake?.();
  }

  #hasNews(): boolean {
    return this.#closed || this.#failure !== undefined || this.#ids.size > 0;
  }

  /** Waits for the time, or (unless undisturbed by more ids) for news; closing ends it either way. */
  #sleep(ms: number, mode?: 'undisturbed'): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#wake = () => {
        if (mode === undefined || this.#closed || this.#failure !== undefined) end();
      };
    });
  }
}

function restart(why: string): AppError {
  return new AppError('Conflict', `${why}: read what you show again, and subscribe again`);
}

/** Hands out mailboxes. Listens to a channel only while somebody reads from it. */
@Injectable()
export class ChangeFeed implements OnModuleDestroy {
  readonly #mailboxes: Record<Channel, Set<Mailbox>> = { applications: new Set(), fleet: new Set() };
  readonly #listening = new Map<Channel, Promise<() => Promise<void>>>();

  constructor(@Inject(HUB_PARTS) private readonly parts: HubParts) {}

  /** A mailbox for these channels; from when the promise settles nothing is missed without a word. */
  async open(...channels: readonly Channel[]): Promise<Mailbox> {
    const mailbox = new Mailbox((closed) => {
      for (const channel of channels) this.#mailboxes[channel].delete(closed);
    });
    for (const channel of channels) this.#mailboxes[channel].add(mailbox);
    try {
      await Promise.all(channels.map((channel) => this.#listen(channel)));
    } catch (error) {
      mailbox.close();
      throw error;
    }
    return mailbox;
  }

  async onModuleDestroy(): Promise<void> {
    for (const mailboxes of Object.values(this.#mailboxes)) for (const mailbox of [...mailboxes]) mailbox.close();
    const listening = [...this.#listening.values()];
    this.#listening.clear();
    await Promise.all(listening.map((stop) => stop.then((end) => end()).catch(() => undefined)));
  }

  #listen(channel: Channel): Promise<() => Promise<void>> {
    const current = this.#listening.get(channel);
    if (current !== undefined) return current;
    const started = this.parts.signals.subscribe(CHANNELS[channel], (signal) => {
      for (const mailbox of this.#mailboxes[channel]) mailbox.put(signal);
    });
    this.#listening.set(channel, started);
    // A failed start is tried again by the next reader.
    started.catch(() => this.#listening.delete(channel));
    return started;
  }
}
