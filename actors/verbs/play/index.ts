export { play } from './play.ts';
export { readPlay } from './read.ts';
