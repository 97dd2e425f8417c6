export type { ConcretePath } from './concrete-paths.js';
export { JqPaths, type JqPathsOptions, type NamedPaths } from './jq-paths.js';
