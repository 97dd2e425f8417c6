export * from './judge.js';
export * from './ports.js';
export * from './report.js';
export { RULES } from './rules/index.js';
export * from './types.js';
export { readUserChecks, type UserCheck, type UserCheckProblem, type UserChecks } from './user-checks.js';
