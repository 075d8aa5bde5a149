export { createRenderer, type RenderedItem, type Renderer, type RenderRequest, wholeOf } from './render.ts';
