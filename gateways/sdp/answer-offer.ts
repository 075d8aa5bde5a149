import { CODEC_NAMES } from '../audio/codecs/index.ts';
import type { RemoteMedia } from '../media/index.ts';
import { eventClock } from '../media/index.ts';
import { type MediaDescription, readDescription } from './description.ts';
import { asSdp, audioLines, type Ours, sessionLines, type Wish } from './ours.ts';
import { chooseMedia, noneTaken } from './remote-media.ts';

export interface SdpAnswer {
  readonly sdp: string;
  readonly remote: RemoteMedia;
}

/**
 * Answers an offer (RFC 3264, section 6): takes the first audio stream that can be taken, with the codec that the
 * offerer wants most (or the wish, where it names one of them), and refuses the other streams in their places.
 *
 * @throws media.bad-sdp when the offer cannot be read, media.no-common-codec when no stream of it can be taken,
 * media.other-family when one could, were its address of our family
 */
export const answerOffer = (offerSdp: string, ours: Ours, wish: Wish = {}): SdpAnswer => {
  const offer = readDescription(offerSdp);
  const wanted = {
    codecs: ours.codecs ?? CODEC_NAMES,
    preferred: wish.codecs,
    direction: ours.direction ?? 'sendrecv',
    address: ours.address,
  };
  const refusals: string[] = [];
  let family: 4 | 6 | undefined;
  for (const [index, media] of offer.media.entries()) {
    const choice = chooseMedia(media, offer, wanted);
    if ('remote' in choice) {
      const streams = offer.media.map((other, at) =>
        at === index ? acceptedLines(media, choice.remote, ours) : [refusedLine(other)],
      );
      return { sdp: asSdp([...sessionLines(ours), ...streams.flat()]), remote: choice.remote };
    }
    family ??= choice.family;
    if (refusals.length < MOST_REASONS) refusals.push(`m-line ${index + 1}: ${choice.refusal}`);
  }
  throw noneTaken(refusals, family, ours.address);
};

/** Refused streams that the error tells of. */
const MOST_REASONS = 4;

const acceptedLines = (media: MediaDescription, remote: RemoteMedia, ours: Ours): string[] =>
  audioLines({
    port: ours.port,
    protocol: media.protocol,
    codecs: [{ payloadType: remote.payloadType, name: remote.codec }],
    events:
      remote.dtmfPayloadType === undefined
        ? []
        : [{ payloadType: remote.dtmfPayloadType, clockRate: eventClock(remote) }],
    ptime: remote.ptime,
    direction: remote.direction,
    rtcpMux: media.attributes.some(({ name }) => name === 'rtcp-mux'),
  });

/** Port 0 refuses a stream; its formats have no meaning then, but one must be there. */
const refusedLine = ({ kind, protocol, formats }: MediaDescription): string =>
  `m=${kind} 0 ${protocol} ${formats[0]}`;
