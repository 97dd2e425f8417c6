export * from './clock.js';
export * from './digest.js';
export * from './errors.js';
export * from './ids.js';
export * from './json.js';
export * from './kubernetes.js';
export * from './outcome.js';
export * from './tracking.js';
