export { PIPE_PORTS, RtpMediaPlane, type RtpMediaPlaneOptions } from './rtp-media-plane.ts';
