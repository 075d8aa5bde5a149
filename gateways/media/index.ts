export { createMediaServer, RemoteMediaPlane } from './control/index.ts';
export { createMediaPlane } from './create-media-plane.ts';
export { RelayingMediaPlane } from './mediasoup/index.ts';
export {
  type AgreedFormat,
  type AllocateRequest,
  type Allocation,
  type BridgeOptions,
  eventClock,
  type MediaEvents,
  type MediaPlane,
  type PipeEnd,
  type PipeRequest,
  type PlayRequest,
  type RemoteMedia,
} from './plane/index.ts';
export type { PortRange } from './rtp/index.ts';
export {
  DIGITS,
  DtmfSender,
  EVENT_SIZE,
  emptyRtpHeader,
  KEYS_PER_SECOND,
  type LatchRule,
  type MediaStats,
  meanOpinionScore,
  parseEvent,
  parseRtp,
  RTP_HEADER_SIZE,
  writeEvent,
  writeRtpHeader,
} from './rtp/index.ts';
export { isRecoded, Pacer, type RelayFrame, recode, Transcoder } from './session/index.ts';
export { RtpMediaPlane } from './worker/index.ts';
