import { CODECS } from '../audio/codecs/index.ts';
import { asSdp, audioLines, codecsInOrder, type Ours, sessionLines, type Wish } from './ours.ts';

/** Payload types of telephone-event in offers of ours, by its clock rate: 101 as nearly everywhere. */
export const EVENTS = [
  { payloadType: 101, clockRate: 8000 },
  { payloadType: 102, clockRate: 48_000 },
];
/** Payload type of Opus in offers of ours. */
export const OPUS = 96;
/** Milliseconds. */
export const PTIME = 20;

/**
 * An offer of one audio stream (RFC 3264, section 5). A session that stands is offered again by
 * `renewOffer`, and changed by `withDirection`.
 */
export const makeOffer = (ours: Ours, wish: Wish = {}): string => {
  const codecs = codecsInOrder(ours, wish);
  const clockRates = codecs.map((codec) => CODECS[codec].clockRate as number);
  return asSdp([
    ...sessionLines(ours),
    ...audioLines({
      port: ours.port,
      protocol: 'RTP/AVP',
      codecs: codecs.map((name) => ({ name, payloadType: CODECS[name].payloadType ?? OPUS })),
      events: EVENTS.filter(({ clockRate }) => clockRates.includes(clockRate)),
      ptime: PTIME,
      direction: ours.direction ?? 'sendrecv',
      rtcpMux: false,
    }),
  ]);
};
