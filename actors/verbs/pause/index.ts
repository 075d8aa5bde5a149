export { pause } from './pause.ts';
export { readPause } from './read.ts';
