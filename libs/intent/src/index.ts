export {
  dependenciesOf,
  organisationSubject,
  pullRequestSubject,
  type ClusterDependency,
  type RepositoryDependency,
  type SetDependencies,
} from './dependencies.js';
export { walkGenerators, type PlacedGenerator } from './walk-generators.js';
export type * from './types.js';
export type { DocumentFault, DocumentWarning, Place } from './faults.js';
export {
  differOnlyInIgnored,
  keepIgnored,
  readIgnoreRules,
  type IgnoredApplicationFields,
  type IgnoreProblem,
  type LiveApplication,
} from './keep-ignored.js';
export { DEFAULT_LIMITS, type ParseLimits } from './limits.js';
export { parseDocuments, type ParsedDocuments, type ParsedObject } from './parse.js';
export { CATALOGUE_GROUP, CATALOGUE_VERSION, readObject, type ReadObject } from './parse-object.js';
export { CONTROL_NAMESPACE } from './schema-metadata.js';
export { inputRefsOf, inputSubject, type InputRef } from './input-refs.js';
export type { SealedValue, Sealer } from './ports.js';
export { SETTINGS_CONFIG_MAP } from './settings.js';
