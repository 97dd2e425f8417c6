// Sockets to Git hosts: one pool per origin and way of judging its certificate, a bounded number of pools.
import { rootCertificates } from 'node:tls';
import { Pool } from 'undici';
import { digestText } from '@wheelwright/kernel';
import { guardedLookup, type AddressPolicy } from '@wheelwright/platform-kube';

/** How the certificate of a host is judged. */
export interface ScmTls {
  readonly insecure: boolean;
  readonly ca: string | undefined;
}

const MAX_POOLS = 64;
const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 10_000;

export class Connections {
  readonly #pools = new Map<string, Pool>();

  constructor(
    private readonly policy: AddressPolicy,
    private readonly connections: number,
  ) {}

  /** The pool for an origin; the one that was not used for longest makes room, after its requests. */
  to(origin: string, tls: ScmTls): Pool {
    const key = `${origin} ${tls.insecure} ${tls.ca === undefined ? '' : digestText(tls.ca)}`;
    const pool = this.#pools.get(key) ?? this.#open(origin, tls);
    this.#pools.delete(key);
    this.#pools.set(key, pool);
    const [oldest] = this.#pools;
    if (this.#pools.size > MAX_POOLS && oldest !== undefined) {
      this.#pools.delete(oldest[0]);
      void oldest[1].close();
    }
    return pool;
  }

  /** Ends all sockets at once. */
  async destroy(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #open(origin: string, tls: ScmTls): Pool {
    return new Pool(origin, {
      connections: this.connections,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      // The deadline of the request bounds these.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: {
        timeout: CONNECT_TIMEOUT_MS,
        // The address that passes the policy is the one connected to: a second resolution can not change it.
        lookup: guardedLookup(this.policy),
        ...(tls.insecure ? { rejectUnauthorized: false } : {}),
        ...(tls.ca === undefined ? {} : { ca: [...rootCertificates, tls.ca] }),
      },
    });
  }
}
