// Where the clients of Git hosts may go, and how much they take.
import type { Clock } from '@wheelwright/kernel';
import type { AllowedNetwork } from '@wheelwright/platform-kube';

/** Name of the setting that `allowedHosts` comes from: errors tell the operator. */
export const ALLOWED_HOSTS_SETTING = 'WHEELWRIGHT_SCM_ALLOWED_HOSTS';
/** Name of the setting that `allowedNetworks` comes from. */
export const ALLOWED_NETWORKS_SETTING = 'WHEELWRIGHT_ALLOWED_NETWORKS';

export interface ScmClientOptions {
  /** Takes `http` addresses too. */
  readonly allowInsecure?: boolean;
  /** Networks (CIDR) that are connected to although they are private, loopback or link-local. */
  readonly allowedNetworks?: readonly AllowedNetwork[];
  /** `host`, `host:port` or addresses; empty or absent: any host. Plugins count too. */
  readonly allowedHosts?: readonly string[];
  /** Milliseconds of one request. */
  readonly requestTimeoutMs?: number;
  /** Milliseconds of one call with all its requests. */
  readonly callTimeoutMs?: number;
  /** Pages of one list. */
  readonly maxPages?: number;
  /** Entries of one list. */
  readonly maxItems?: number;
  /** Bytes of one answer. */
  readonly maxAnswerBytes?: number;
  /** Bytes of answers that are kept for conditional requests. */
  readonly cacheBytes?: number;
  /** Sockets per host. */
  readonly connections?: number;
  readonly userAgent?: string;
  readonly clock?: Clock;
}

export type ScmLimits = Required<ScmClientOptions>;

/** The options with their defaults. */
export function withDefaults(options: ScmClientOptions): ScmLimits {
  return {
    allowInsecure: false,
    allowedNetworks: [],
    allowedHosts: [],
    requestTimeoutMs: 15_000,
    callTimeoutMs: 120_000,
    maxPages: 100,
    maxItems: 50_000,
    maxAnswerBytes: 8 * 1024 * 1024,
    cacheBytes: 32 * 1024 * 1024,
    connections: 8,
    userAgent: 'wheelwright',
    clock: { nowMs: () => Date.now() },
    ...options,
  };
}
