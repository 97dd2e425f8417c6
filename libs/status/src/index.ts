export * from './fold.js';
export * from './types.js';
