export {
  type AudioDecoder,
  type AudioEncoder,
  CODEC_NAMES,
  CODECS,
  type CodecName,
  isCodecName,
  packetTime,
  type SampleRate,
} from './codec.ts';
export { openDecoder, openEncoder } from './codecs.ts';
export { alawToUlaw, decodeAlaw, decodeUlaw, encodeAlaw, ulawToAlaw } from './g711.ts';
