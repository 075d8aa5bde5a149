import { CODEC_NAMES } from '../audio/codecs/index.ts';
import type { AgreedFormat, RemoteMedia } from '../media/index.ts';
import { audioFormats, codecOf, eventsBeside } from './audio-formats.ts';
import { badSdp, type MediaDescription, quote, readConnection, readDescription } from './description.ts';
import { statedDirection } from './direction.ts';
import { chooseMedia, noneTaken } from './remote-media.ts';

/**
 * What the peer may send besides the format that we send: all of its answer that was offered, under the payload types of
 * its answer, which most peers send, and of the offer, which they should (RFC 3264, sections 6.1 and 7).
 */
const alsoHeard = (
  offered: MediaDescription,
  answered: MediaDescription,
  sent: RemoteMedia,
): AgreedFormat[] => {
  const [asked, formats] = [audioFormats(offered), audioFormats(answered)];
  const taken = new Set<number | undefined>([
    sent.payloadType,
    sent.dtmfPayloadType,
    ...(sent.otherEvents ?? []).map(({ payloadType }) => payloadType),
  ]);
  const heard: AgreedFormat[] = [];
  for (const codec of CODEC_NAMES) {
    const both = [formats, asked].map((all) => all.find((format) => codecOf(format, [codec])));
    if (both.includes(undefined)) continue;
    const events = eventsBeside(formats, codec);
    for (const { payloadType } of both as { payloadType: number }[]) {
      if (taken.has(payloadType)) continue;
      taken.add(payloadType);
      heard.push({ codec, payloadType, ...events });
    }
  }
  return heard;
};

/**
 * Reads a peer's answer to an offer of ours (RFC 3264, section 7), and holds it to what was offered.
 *
 * @throws media.bad-sdp when it is no answer to this offer, media.no-common-codec when it refuses our audio,
 * media.other-family when its audio is at an address of another family than ours
 */
export const readAnswer = (offerSdp: string, answerSdp: string): RemoteMedia => {
  const offer = readDescription(offerSdp);
  const answer = readDescription(answerSdp);
  const index = offer.media.findIndex(({ kind, port }) => kind === 'audio' && port !== 0);
  const offered = offer.media[index];
  const ours = offered?.connection ?? offer.connection;
  if (!offered || !ours) throw badSdp('our offer has no audio');

  if (answer.media.length !== offer.media.length) {
    throw badSdp(`the answer has ${answer.media.length} streams where ${offer.media.length} were offered`);
  }
  const answered = answer.media[index]!;
  if (answered.kind !== 'audio') throw badSdp(`audio was answered with ${quote(answered.kind)}`);
  if (answered.port !== 0 && answered.protocol !== offered.protocol) {
    throw badSdp(`${offered.protocol} was answered with ${quote(answered.protocol)}`);
  }
  const codecs = audioFormats(offered).flatMap((format) => codecOf(format, CODEC_NAMES) ?? []);
  const choice = chooseMedia(answered, answer, {
    codecs,
    direction: statedDirection(offered, offer),
    address: readConnection(ours).address,
  });
  if ('refusal' in choice) throw noneTaken([choice.refusal], choice.family, readConnection(ours).address);
  const also = alsoHeard(offered, answered, choice.remote);
  return also.length === 0 ? choice.remote : { ...choice.remote, alsoHeard: also };
};
