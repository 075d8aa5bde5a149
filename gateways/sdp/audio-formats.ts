import { CODECS, type CodecName } from '../audio/codecs/index.ts';
import type { AgreedFormat } from '../media/index.ts';
import type { MediaDescription } from './description.ts';

/** Encoding names with their clock rates and channels, as SDP writes them: Opus always says two (RFC 7587, 7). */
export const RTPMAPS: Readonly<Record<CodecName, string>> = {
  PCMU: 'PCMU/8000',
  PCMA: 'PCMA/8000',
  G722: 'G722/8000',
  opus: 'opus/48000/2',
};

/** What we say of a codec besides: our Opus decoder makes use of what repeats lost packets (RFC 7587, 6.1). */
export const PARAMETERS: Readonly<Partial<Record<CodecName, string>>> = { opus: 'useinbandfec=1' };

/** A payload type and the encoding that it stands for. */
export interface AudioFormat {
  readonly payloadType: number;
  /** In capital letters, as encoding names have no case (RFC 8866, section 6.6). */
  readonly encoding: string;
  /** Hertz. */
  readonly clockRate: number;
  readonly channels: number;
}

type Encoding = Omit<AudioFormat, 'payloadType'>;

const RTPMAP = /^([!-.0-~]{1,64})\/(\d{1,6})(?:\/(\d{1,2}))?$/;
const MAPPING = /^(\d{1,3}) +(\S+)$/;
const PAYLOAD_TYPE = /^\d{1,3}$/;

const readEncoding = (rtpmap: string): Encoding | undefined => {
  const [, name, rate, channels = '1'] = RTPMAP.exec(rtpmap) ?? [];
  if (name === undefined) return undefined;
  return { encoding: name.toUpperCase(), clockRate: Number(rate), channels: Number(channels) };
};

const ENCODINGS = new Map(
  (Object.keys(RTPMAPS) as CodecName[]).map((codec) => [codec, readEncoding(RTPMAPS[codec])!]),
);

/** The encodings of a stream, in the order of its m-line. */
export const audioFormats = ({ formats, attributes }: MediaDescription): AudioFormat[] => {
  // Payload types that need no rtpmap (RFC 3551, table 4).
  const mapped = new Map<number | undefined, Encoding | undefined>(
    [...ENCODINGS].map(([codec, encoding]) => [CODECS[codec].payloadType, encoding]),
  );
  for (const { name, value = '' } of attributes) {
    const [, payloadType, rtpmap] = (name === 'rtpmap' && MAPPING.exec(value)) || [];
    if (rtpmap) mapped.set(Number(payloadType), readEncoding(rtpmap));
  }
  return formats.flatMap((format) => {
    const payloadType = Number(format);
    const encoding = PAYLOAD_TYPE.test(format) && payloadType <= 127 ? mapped.get(payloadType) : undefined;
    return encoding === undefined ? [] : [{ payloadType, ...encoding }];
  });
};

/** Whether a format is one of these codecs, and then which: the same name at another rate is another encoding. */
export const codecOf = (format: AudioFormat, codecs: readonly CodecName[]): CodecName | undefined =>
  codecs.find((codec) => {
    const { encoding, clockRate, channels } = ENCODINGS.get(codec)!;
    return format.encoding === encoding && format.clockRate === clockRate && format.channels === channels;
  });

/**
 * Formats with G.722 among them also where only the rate at which it is sampled gives it away, and not the 8000 that RFC
 * 3551, section 4.5.2 has for it ever since: for a peer that has nothing else that we could take.
 */
export const withG722AsSampled = (formats: readonly AudioFormat[]): AudioFormat[] =>
  formats.map((format) =>
    format.encoding === 'G722' && format.clockRate === 16_000 ? { ...format, clockRate: 8000 } : format,
  );

/** Telephone events' payload types of one stream that are remembered: as many as there are clocks in use. */
const MOST_EVENTS = 8;

const eventsIn = (formats: readonly AudioFormat[]): AudioFormat[] =>
  formats
    .filter(({ encoding, clockRate }) => encoding === 'TELEPHONE-EVENT' && clockRate > 0)
    .slice(0, MOST_EVENTS);

/** The payload type of telephone-event at a clock rate. */
export const telephoneEvent = (formats: readonly AudioFormat[], clockRate: number): number | undefined =>
  eventsIn(formats).find((format) => format.clockRate === clockRate)?.payloadType;

/**
 * The telephone events that go with a codec: those at its clock rate (RFC 4733, section 2.1), or else at 8000 Hz, which
 * peers take beside Opus that know no other; and what else of them the peer has named, to be heard.
 */
export const eventsBeside = (
  formats: readonly AudioFormat[],
  codec: CodecName,
): Pick<AgreedFormat, 'dtmfPayloadType' | 'dtmfClockRate' | 'otherEvents'> => {
  const events = eventsIn(formats);
  const { clockRate } = CODECS[codec];
  const at = (rate: number) => events.find((format) => format.clockRate === rate);
  const chosen = at(clockRate) ?? at(8000);
  if (chosen === undefined) return { dtmfPayloadType: undefined };
  const otherEvents = events
    .filter(({ payloadType }) => payloadType !== chosen.payloadType)
    .map((event) => ({ payloadType: event.payloadType, clockRate: event.clockRate }));
  return {
    dtmfPayloadType: chosen.payloadType,
    ...(chosen.clockRate !== clockRate && { dtmfClockRate: chosen.clockRate }),
    ...(otherEvents.length > 0 && { otherEvents }),
  };
};
