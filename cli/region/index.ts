export { runMedia } from './run-media.ts';
export { runRegion } from './run-region.ts';
