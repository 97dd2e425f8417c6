export { Renderer, type RenderCounters, type RendererOptions, type TreeFiles } from './renderer.js';
