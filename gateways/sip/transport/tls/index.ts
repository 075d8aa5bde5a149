export { tls } from './tls.ts';
