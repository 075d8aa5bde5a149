export { reject } from './reject.ts';
