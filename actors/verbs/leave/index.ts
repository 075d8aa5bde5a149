export { leave } from './leave.ts';
