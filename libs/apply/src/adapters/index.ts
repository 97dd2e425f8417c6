export * from './apply-plan.js';
