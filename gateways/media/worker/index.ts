export { type MediaPlaneOptions, PIPE_PORTS, RtpMediaPlane } from './rtp-media-plane.ts';
