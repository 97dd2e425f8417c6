export * from './batches.js';
export * from './interrupted.js';
export * from './inventory.js';
export type * from './types.js';
