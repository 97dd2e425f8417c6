export { openQueue, type QueueConfig } from './bull-queue.js';
export * from './outbox-relay.js';
export * from './ports.js';
export { openSignals } from './signals.js';
