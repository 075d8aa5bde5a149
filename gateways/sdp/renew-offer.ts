import { CODECS, type CodecName } from '../audio/codecs/index.ts';
import { audioFormats, codecOf, telephoneEvent } from './audio-formats.ts';
import { badSdp, readDescription } from './description.ts';
import { EVENTS, OPUS, PTIME } from './make-offer.ts';
import { asSdp, audioLines, codecsInOrder, type Ours, sessionLines, type Wish } from './ours.ts';

/** Where dynamic payload types end (RFC 3551, section 6). */
const LAST_PAYLOAD_TYPE = 127;

/**
 * A new offer of all that we are willing to do, in a session that stands (RFC 6337, section 5.3), whatever was agreed
 * on before. The streams of our description stay in their places, the refused ones refused, and its payload types mean
 * what they meant (RFC 3264, section 8). The version is that of `ours`, one above the description's.
 *
 * @throws media.bad-sdp when it is no description of ours with audio
 */
export const renewOffer = (ourSdp: string, ours: Ours, wish: Wish = {}): string => {
  const { media } = readDescription(ourSdp);
  const index = media.findIndex(({ kind, port }) => kind === 'audio' && port !== 0);
  const current = media[index];
  if (!current) throw badSdp('our description has no audio');
  const formats = audioFormats(current);
  const taken = new Set(formats.map(({ payloadType }) => payloadType));
  const free = (wanted: number): number => {
    let payloadType = wanted;
    while (taken.has(payloadType)) payloadType = payloadType === LAST_PAYLOAD_TYPE ? OPUS : payloadType + 1;
    taken.add(payloadType);
    return payloadType;
  };
  const payloadTypeOf = (name: CodecName): number =>
    formats.find((format) => codecOf(format, [name]))?.payloadType ?? CODECS[name].payloadType ?? free(OPUS);
  const codecs = codecsInOrder(ours, wish).map((name) => ({ name, payloadType: payloadTypeOf(name) }));
  const events = EVENTS.filter(({ clockRate }) =>
    codecs.some(({ name }) => CODECS[name].clockRate === clockRate),
  ).map(({ clockRate, payloadType }) => ({
    clockRate,
    payloadType: telephoneEvent(formats, clockRate) ?? free(payloadType),
  }));
  const audio = audioLines({
    port: ours.port,
    protocol: current.protocol,
    codecs,
    events,
    ptime: PTIME,
    direction: ours.direction ?? 'sendrecv',
    rtcpMux: current.attributes.some(({ name }) => name === 'rtcp-mux'),
  });
  const streams = media.map(({ kind, protocol, formats: [format] }, at) =>
    at === index ? audio : [`m=${kind} 0 ${protocol} ${format}`],
  );
  return asSdp([...sessionLines(ours), ...streams.flat()]);
};
