export * from './revisions.js';
export * from './paths.js';
export * from './touched.js';
export type * from './types.js';
