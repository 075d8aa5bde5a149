export { MAX_SAY_LENGTH, readSay } from './read.ts';
export { say } from './say.ts';
