import type { CodecName } from '../../audio/codecs/index.ts';
import type { RemoteMedia } from './media-plane.ts';

/** How one kind of sound is written in RTP packets. */
export type Format = Pick<RemoteMedia, 'codec' | 'payloadType' | 'dtmfPayloadType' | 'dtmfClockRate'>;

/** Payload types on pipes, which both ends are ours of. */
const ON_PIPES: Readonly<Record<CodecName, number>> = { PCMU: 0, PCMA: 8, G722: 9, opus: 100 };
const EVENTS_ON_PIPES = 101;

export const pipeFormat = (codec: CodecName): Format => ({
  codec,
  payloadType: ON_PIPES[codec],
  dtmfPayloadType: EVENTS_ON_PIPES,
});

/** Whether packets of one may be sent where the other is expected, as they are. */
export const isSameFormat = (a: Format, b: Format): boolean =>
  a.codec === b.codec &&
  a.payloadType === b.payloadType &&
  a.dtmfPayloadType === b.dtmfPayloadType &&
  a.dtmfClockRate === b.dtmfClockRate;
