import { CODECS } from '../../audio/codecs/index.ts';
import type { AgreedFormat } from './media-plane.ts';

/** The clock of the telephone events that go with a format, in hertz: the codec's, unless another was agreed on. */
export const eventClock = ({ codec, dtmfClockRate }: Pick<AgreedFormat, 'codec' | 'dtmfClockRate'>): number =>
  dtmfClockRate ?? CODECS[codec].clockRate;

/** The clock of what a payload type of a format stands for, in hertz; undefined when it is no telephone event of it. */
export const clockOfEvent = (format: AgreedFormat, payloadType: number): number | undefined =>
  payloadType === format.dtmfPayloadType
    ? eventClock(format)
    : format.otherEvents?.find((other) => other.payloadType === payloadType)?.clockRate;
