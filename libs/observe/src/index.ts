export * from './compare-sweep.js';
export * from './fingerprint.js';
export * from './resource-tree.js';
export type * from './types.js';
