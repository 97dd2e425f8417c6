export * from './judge.js';
export * from './report.js';
export * from './types.js';
