export * from './contracts/queue.js';
export * from './contracts/signals.js';
export * from './postgres.js';
export * from './redis.js';
export * from './git-server.js';
export * from './repo.js';
