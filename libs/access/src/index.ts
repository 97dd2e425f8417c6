export * from './actor.js';
export * from './decide.js';
export type * from './ports.js';
