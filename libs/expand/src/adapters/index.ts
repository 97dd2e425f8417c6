export { ExpandModule, type ExpandModuleOptions } from './expand.module.js';
export type { SetCondition } from './facts.js';
export { SetExpander, type SetExpanderParts } from './set-expander.js';
