export * from './check.js';
export * from './destination.js';
export * from './kind.js';
export * from './source.js';
export type * from './types.js';
