export * from './decide.js';
export * from './pin.js';
export type * from './types.js';
