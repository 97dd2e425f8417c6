export * from './compare.js';
export * from './comparing.js';
export * from './contested.js';
export * from './excluded-kinds.js';
export * from './field-manager.js';
export * from './hooks.js';
export {
  compileIgnoreRules,
  forExpressions,
  placed,
  type IgnoredFields,
  type IgnoreRules,
  type NamedFields,
  type PlacedRule,
} from './ignore.js';
export * from './options.js';
export * from './order.js';
export * from './ownership.js';
export * from './plan.js';
export { BEING_DELETED } from './prune.js';
export * from './questions.js';
export * from './settings.js';
export * from './shape.js';
export * from './steps.js';
export * from './summary.js';
export * from './target.js';
export type * from './types.js';
