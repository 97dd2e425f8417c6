export type { SetCondition } from './facts.js';
export type { Askers, RevisionOverride } from './gatherer.js';
export { SetExpander, type SetExpanderParts } from './set-expander.js';
export { PreviewDesk, type PreviewDeskParts } from './preview-desk.js';
export { Previewer, type PreviewerParts, type TrialExpander } from './previewer.js';
export {
  createGatherers,
  type DecisionSpoke,
  type GathererParts,
  type GatherSettings,
  type InputReader,
} from './gather/index.js';
