export * from './check.js';
export * from './destination.js';
export * from './kind.js';
export * from './orphans.js';
export * from './service-account.js';
export * from './source.js';
export * from './source-namespace.js';
export type * from './types.js';
export * from './windows.js';
