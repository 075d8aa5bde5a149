export { RelayWorkers } from './relay-workers.ts';
export { RelayingMediaPlane } from './relaying-media-plane.ts';
