export * from './contracts/queue.js';
export * from './contracts/signals.js';
export * from './postgres.js';
export * from './redis.js';
