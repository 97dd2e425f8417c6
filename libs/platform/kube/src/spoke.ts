// What all views of one spoke share: connections, concurrency window, circuit breaker, cached discovery, counters.
import { AppError, type ClusterId } from '@wheelwright/kernel';
import type { AddressPolicy } from './addresses.js';
import { Breaker, type BreakerOptions } from './breaker.js';
import { readDiscovery } from './read-discovery.js';
import { Transport, type ViewOptions } from './transport.js';
import type {
  Discovery,
  DiscoveryOptions,
  RawRequest,
  RawResponse,
  RequestRecord,
  SpokeCounts,
  SpokeTarget,
  SpokeVerb,
} from './types.js';
import { AdaptiveWindow, type WindowOptions } from './window.js';

export interface SpokeOptions {
  readonly window: WindowOptions;
  readonly breaker: BreakerOptions;
  readonly connectTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly discoveryTtlMs: number;
  readonly addressPolicy: AddressPolicy;
  readonly userAgent: string;
  readonly onRequest: (record: RequestRecord) => void;
}

export class Spoke {
  readonly id: ClusterId;
  readonly #options: SpokeOptions;
  readonly #window: AdaptiveWindow;
  readonly #counts: Record<SpokeVerb, number> = {
    version: 0,
    discovery: 0,
    get: 0,
    list: 0,
    apply: 0,
    dryRun: 0,
    create: 0,
    update: 0,
    patch: 0,
    delete: 0,
    other: 0,
  };
  #transport: Transport;
  #version: string;
  #discovery: { readonly value: Discovery; readonly readAtMs: number } | undefined;
  #reading: Promise<Discovery> | undefined;

  constructor(target: SpokeTarget, version: string, options: SpokeOptions) {
    this.id = target.id;
    this.#options = options;
    this.#window = new AdaptiveWindow(options.window);
    this.#transport = this.#connect(target);
    this.#version = version;
  }

  /** Takes over a changed address or changed credentials: new connections, a closed breaker; requests under way end on the old ones. */
  update(target: SpokeTarget, version: string): void {
    if (version === this.#version) return;
    const old = this.#transport;
    this.#transport = this.#connect(target);
    this.#version = version;
    this.invalidate();
    void old.close();
  }

  async send(request: RawRequest, view: ViewOptions): Promise<RawResponse> {
    return this.#transport.send(request, view);
  }

  counts(): SpokeCounts {
    return { ...this.#counts };
  }

  invalidate(): void {
    this.#discovery = undefined;
  }

  /** The cached discovery, or a fresh one; concurrent readers share one reading. A failed reading keeps nothing. */
  async discovery(send: (request: RawRequest) => Promise<RawResponse>, options: DiscoveryOptions): Promise<Discovery> {
    const cached = this.#discovery;
    const isYoung = cached !== undefined && performance.now() - cached.readAtMs < this.#options.discoveryTtlMs;
    if (isYoung && options.fresh !== true) return cached.value;
    this.#reading ??= this.#readDiscovery(send, options).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async close(): Promise<void> {
    this.#window.close();
    await this.#transport.destroy();
  }

  async #readDiscovery(
    send: (request: RawRequest) => Promise<RawResponse>,
    options: DiscoveryOptions,
  ): Promise<Discovery> {
    const readAtMs = performance.now();
    const { deadlineMs } = options;
    // The caller's own signal is left out: others may wait for the same reading.
    const value = await readDiscovery((request) =>
      send(deadlineMs === undefined ? request : { ...request, deadlineMs }),
    );
    if (value.resources.length === 0)
      throw new AppError('SpokeRejected', 'The spoke serves no kinds at all.', { details: { reason: 'NoKinds' } });
    this.#discovery = { value, readAtMs };
    return value;
  }

  #connect(target: SpokeTarget): Transport {
    return new Transport(target, {
      connections: this.#options.window.max ?? 32,
      connectTimeoutMs: this.#options.connectTimeoutMs,
      keepAliveMs: this.#options.keepAliveMs,
      addressPolicy: this.#options.addressPolicy,
      userAgent: this.#options.userAgent,
      window: this.#window,
      breaker: new Breaker(this.#options.breaker),
      onRequest: (record) => {
        // A request that was never sent (guard, breaker) never gets here.
        this.#counts[record.verb] += 1;
        this.#options.onRequest(record);
      },
    });
  }
}
