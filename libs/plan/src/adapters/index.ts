export { CompareSettingsReader } from './compare-settings.js';
export * from './gather-answers.js';
export { type Naming } from './name-fields.js';
export { recompareKinds } from './recompare.js';
