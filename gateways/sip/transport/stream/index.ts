export { StreamTransport } from './stream-transport.ts';
