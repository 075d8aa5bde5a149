export { AudioThreads } from './audio-threads.ts';
export { type Asker, NOBODY } from './fair-queue.ts';
export { FairTurns } from './fair-turns.ts';
