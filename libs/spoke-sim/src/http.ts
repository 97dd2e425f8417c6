// The shapes that the handlers of a request share, and what they read from its head.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SimulatedSpoke } from './cluster.js';
import type { Json } from './json.js';

/** A request that belongs to one spoke; `path` starts below the spoke's base address. */
export interface SpokeRequest {
  readonly spoke: SimulatedSpoke;
  readonly path: string;
  readonly params: URLSearchParams;
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
}

/** What is sent back. */
export interface Answer {
  readonly code: number;
  readonly text: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer in JSON. */
export const json = (value: Json, code = 200): Answer => ({ code, text: JSON.stringify(value) });

/** Whether a request asks for a dry run. */
export const isDryRun = (params: URLSearchParams): boolean => params.getAll('dryRun').includes('All');

/** `Content-Type` without its parameters. */
export const mediaType = (message: IncomingMessage): string =>
  (message.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
