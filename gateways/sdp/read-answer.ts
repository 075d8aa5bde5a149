import { TandemError } from '@tandem/actors/errors/tandem-error.ts';
import { CODEC_NAMES } from '../audio/codec.ts';
import type { RemoteMedia } from '../media/media-plane.ts';
import { audioFormats, codecOf } from './audio-formats.ts';
import { badSdp, quote, readConnection, readDescription } from './description.ts';
import { statedDirection } from './direction.ts';
import { chooseMedia } from './remote-media.ts';

/**
 * Reads a peer's answer to an offer of ours (RFC 3264, section 7), and holds it to what was offered.
 *
 * @throws media.bad-sdp when it is no answer to this offer, media.no-common-codec when it refuses our audio
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
  if ('refusal' in choice) throw new TandemError('media.no-common-codec', { detail: choice.refusal });
  return choice.remote;
};
