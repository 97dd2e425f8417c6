export { Renderer, type RenderCounters, type RendererOptions, type TreeFiles } from './renderer.js';
export { StoredRenders, type RenderSealer, type SealedBytes } from './stored-renders.js';
