export { createMediaServer } from './media-server.ts';
export { RemoteMediaPlane } from './remote-media-plane.ts';
