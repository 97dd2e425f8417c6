// The spokes that a process talks to: one set of connections for each, shared by everybody, closed when the spoke goes.
import type { ClusterId } from '@wheelwright/kernel';
import { addressPolicy, type AddressPolicy } from './addresses.js';
import type { BreakerOptions } from './breaker.js';
import { SpokeView } from './client.js';
import { Spoke, type SpokeOptions } from './spoke.js';
import type { RequestRecord, SpokeClient, SpokeTarget } from './types.js';
import type { WindowOptions } from './window.js';

export interface SpokeClientsOptions {
  readonly window?: WindowOptions;
  readonly breaker?: BreakerOptions;
  /** Default 10 s. */
  readonly connectTimeoutMs?: number;
  /** How long an idle socket stays open, default 75 s: longer than a sweep's interval, shorter than an API server's patience. */
  readonly keepAliveMs?: number;
  /** Default 10 minutes. */
  readonly discoveryTtlMs?: number;
  /** Which addresses may be connected to, default `addressPolicy()`. */
  readonly addressPolicy?: AddressPolicy;
  /** What requests call themselves, so that the audit log of a spoke tells processes apart. Default `wheelwright`. */
  readonly userAgent?: string;
  /** Called after each request, for a histogram. */
  readonly onRequest?: (record: RequestRecord) => void;
}

export class SpokeClients {
  readonly #options: SpokeOptions;
  readonly #spokes = new Map<ClusterId, Spoke>();

  constructor(options: SpokeClientsOptions = {}) {
    this.#options = {
      window: options.window ?? {},
      breaker: options.breaker ?? {},
      connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
      keepAliveMs: options.keepAliveMs ?? 75_000,
      discoveryTtlMs: options.discoveryTtlMs ?? 600_000,
      addressPolicy: options.addressPolicy ?? addressPolicy(),
      userAgent: headerText(options.userAgent ?? 'wheelwright'),
      onRequest: options.onRequest ?? (() => undefined),
    };
  }

  /**
   * The client of a spoke. `version` must change whenever the address, the TLS settings or the credentials do: then new connections are made;
   * as long as it is the same, the ones there are shared.
   */
  get(target: SpokeTarget, version: string): SpokeClient {
    let spoke = this.#spokes.get(target.id);
    if (spoke === undefined) {
      spoke = new Spoke(target, version, this.#options);
      this.#spokes.set(target.id, spoke);
    } else spoke.update(target, version);
    return new SpokeView(spoke, { impersonate: target.impersonate });
  }

  /** Spokes that there are connections for. */
  ids(): readonly ClusterId[] {
    return [...this.#spokes.keys()];
  }

  /** Closes the connections of a spoke that is no longer registered. Requests under way fail. */
  async drop(id: ClusterId): Promise<void> {
    const spoke = this.#spokes.get(id);
    this.#spokes.delete(id);
    await spoke?.close();
  }

  /** Closes everything. */
  async close(): Promise<void> {
    await Promise.all([...this.#spokes.keys()].map((id) => this.drop(id)));
  }
}

/** A host's name may hold what a header may not. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '-');
}
