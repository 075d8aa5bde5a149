export { momentLines, replayLines } from './replay-view.ts';
