export { hangup } from './hangup.ts';
