export * from './apply-plan.js';
export * from './run-hook.js';
