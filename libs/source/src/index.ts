export * from './revisions.js';
export * from './paths.js';
export type * from './types.js';
