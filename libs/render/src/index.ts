export { renderDirectory, selectsFile } from './render-directory.js';
export { RENDER_LIMITS, type RenderLimits } from './limits.js';
export type * from './types.js';
