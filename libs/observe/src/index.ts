export * from './compare-sweep.js';
export * from './fingerprint.js';
export type * from './types.js';
