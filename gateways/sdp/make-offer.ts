import { OUR_CODECS, STATIC_PAYLOAD_TYPES } from './audio-formats.ts';
import { asSdp, audioLines, type Ours, sessionLines } from './ours.ts';

/** Payload type that telephone-event has in offers of ours, as nearly everywhere. */
const DTMF_PAYLOAD_TYPE = 101;
/** Milliseconds. */
const PTIME = 20;

/** An offer of one audio stream (RFC 3264, section 5). A change of a session that stands is made by `withDirection`. */
export const makeOffer = (ours: Ours): string =>
  asSdp([
    ...sessionLines(ours),
    ...audioLines({
      port: ours.port,
      protocol: 'RTP/AVP',
      codecs: (ours.codecs ?? OUR_CODECS).map((name) => ({ name, payloadType: STATIC_PAYLOAD_TYPES[name] })),
      dtmfPayloadType: DTMF_PAYLOAD_TYPE,
      ptime: PTIME,
      direction: ours.direction ?? 'sendrecv',
      rtcpMux: false,
    }),
  ]);
