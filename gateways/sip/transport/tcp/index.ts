export { tcp } from './tcp.ts';
