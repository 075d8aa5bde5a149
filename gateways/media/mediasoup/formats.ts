import type { types } from 'mediasoup';
import type { CodecName } from '../../audio/codecs/index.ts';
import type { Format } from '../plane/index.ts';

/** mediasoup's name for each. G.722's RTP clock runs at half its sample rate (RFC 3551, section 4.5.2). */
const AUDIO: Readonly<Record<CodecName, { mimeType: string; clockRate: number; channels?: number }>> = {
  PCMU: { mimeType: 'audio/PCMU', clockRate: 8000 },
  PCMA: { mimeType: 'audio/PCMA', clockRate: 8000 },
  G722: { mimeType: 'audio/G722', clockRate: 8000 },
  opus: { mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
};

/**
 * What stands for telephone events: mediasoup takes packets of their own kind and passes none of them on, but does
 * pass on all that it takes for audio. It looks into neither.
 */
const EVENTS = { mimeType: 'audio/iLBC', clockRate: 8000 };
/** Comfort noise is left out so that the receiver does not take it for lost, as our own code does. */
const COMFORT_NOISE = { mimeType: 'audio/CN', clockRate: 8000 };
const COMFORT_NOISE_TYPE = 13;

const codecsOf = ({ codec, payloadType, dtmfPayloadType }: Format) => [
  { ...AUDIO[codec], payloadType },
  ...(dtmfPayloadType === undefined ? [] : [{ ...EVENTS, payloadType: dtmfPayloadType }]),
  { ...COMFORT_NOISE, payloadType: COMFORT_NOISE_TYPE },
];

/** What a media room of this format is made for. */
export const roomCodecs = (format: Format): types.RouterRtpCodecCapability[] =>
  codecsOf(format).map(({ payloadType, ...codec }) => ({
    ...codec,
    kind: 'audio',
    preferredPayloadType: payloadType,
  }));

/** The header extension that names a stream (RFC 8843, section 15). */
const STREAM_NAME = { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 1 } as const;

/** How a stream that comes in is known: a telephone's by its SSRC, one on a pipe by its name. */
export type StreamKey = { readonly ssrc: number } | { readonly name: string };

export const heardParameters = (format: Format, key: StreamKey): types.RtpParameters => ({
  codecs: codecsOf(format),
  ...('ssrc' in key
    ? { encodings: [{ ssrc: key.ssrc }] }
    : { mid: key.name, headerExtensions: [STREAM_NAME], encodings: [{}] }),
});

/** What the receiver of a stream takes: telephones nothing but the codecs. */
export const takenCapabilities = (router: types.Router, named: boolean): types.RtpCapabilities => ({
  codecs: router.rtpCapabilities.codecs,
  headerExtensions: named
    ? router.rtpCapabilities.headerExtensions?.filter(
        ({ kind, uri }) => kind === 'audio' && uri === STREAM_NAME.uri,
      )
    : [],
});
