export { udp } from './udp.ts';
