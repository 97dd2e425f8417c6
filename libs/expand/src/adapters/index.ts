export { ExpandModule, type ExpandModuleOptions } from './expand.module.js';
export type { SetCondition } from './facts.js';
export { SetExpander, type SetExpanderParts } from './set-expander.js';
export { PreviewDesk, type PreviewDeskParts } from './preview-desk.js';
export { Previewer, type PreviewerParts, type RevisionOverride, type TrialExpander } from './previewer.js';
