export * from './decide.js';
export type * from './types.js';
