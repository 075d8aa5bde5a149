import { CODEC_NAMES, type CodecName } from '../audio/codecs/index.ts';
import type { RemoteMedia } from '../media/index.ts';
import { audioFormats, codecOf } from './audio-formats.ts';
import { badSdp, readConnection, readDescription } from './description.ts';
import { statedDirection } from './direction.ts';
import { chooseMedia, noneTaken, offeredCodecs } from './remote-media.ts';

/**
 * What was agreed when a peer's offer was answered with this description of ours: the far end, as our answer has it,
 * whatever we would answer today.
 *
 * @throws media.bad-sdp, media.no-common-codec, media.other-family when they are not offer and answer of one session
 */
export const agreedMedia = (offerSdp: string, ourAnswerSdp: string): RemoteMedia => {
  const offer = readDescription(offerSdp);
  const answer = readDescription(ourAnswerSdp);
  const index = answer.media.findIndex(({ kind, port }) => kind === 'audio' && port !== 0);
  const [offered, ours] = [offer.media[index], answer.media[index]];
  const address = ours?.connection ?? answer.connection;
  if (!offered || !ours || !address) throw badSdp('our answer has no audio that was offered');
  const codecs = audioFormats(ours).flatMap((format) => codecOf(format, CODEC_NAMES) ?? []);
  const choice = chooseMedia(offered, offer, {
    codecs,
    direction: statedDirection(ours, answer),
    address: readConnection(address).address,
  });
  if ('refusal' in choice) throw noneTaken([choice.refusal], choice.family, readConnection(address).address);
  return choice.remote;
};

/** What an offer and we have in common, in the offer's order; nothing of an offer that cannot be read. */
export const commonCodecs = (offerSdp: string, codecs: readonly CodecName[]): CodecName[] => {
  try {
    return offeredCodecs(readDescription(offerSdp), codecs);
  } catch {
    return [];
  }
};
