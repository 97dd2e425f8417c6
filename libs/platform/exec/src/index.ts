export * from './run.js';
export * from './start.js';
