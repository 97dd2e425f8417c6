export * from './destinations.js';
export * from './expand.js';
export { lintUnread } from './lint-set.js';
export { normaliseName } from './normalise-name.js';
export type * from './ports.js';
export type * from './preview.js';
export * from './tree-key.js';
export type * from './types.js';
