export { kindOf, kinds } from './kinds.ts';
