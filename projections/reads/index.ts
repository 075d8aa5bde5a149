export { openReads, type Reads } from './reads.ts';
