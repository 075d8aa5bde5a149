import type { CodecName } from '../media/media-plane.ts';
import type { MediaDescription } from './description.ts';

/** The codecs that we have, as the most wanted come first. */
export const OUR_CODECS: readonly CodecName[] = ['PCMU', 'PCMA'];

/** Payload types that need no rtpmap (RFC 3551, table 4). */
export const STATIC_PAYLOAD_TYPES: Readonly<Record<CodecName, number>> = { PCMU: 0, PCMA: 8 };

/** A payload type and the encoding that it stands for. */
export interface AudioFormat {
  readonly payloadType: number;
  /** In capital letters, as encoding names have no case (RFC 8866, section 6.6). */
  readonly encoding: string;
}

const RTPMAP = /^(\d{1,3}) +([!-.0-~]{1,64})\/(\d{1,6})(?:\/1)?$/;
const PAYLOAD_TYPE = /^\d{1,3}$/;

/** The encodings of a stream that have one channel of 8 kHz, in the order of its m-line. */
export const audioFormats = ({ formats, attributes }: MediaDescription): AudioFormat[] => {
  const mapped = new Map<number, string | undefined>([
    [STATIC_PAYLOAD_TYPES.PCMU, 'PCMU'],
    [STATIC_PAYLOAD_TYPES.PCMA, 'PCMA'],
  ]);
  for (const { name, value = '' } of attributes) {
    if (name !== 'rtpmap') continue;
    const [, payloadType, encoding, rate] = RTPMAP.exec(value) ?? [];
    // The same name at another rate is another encoding.
    if (encoding) mapped.set(Number(payloadType), rate === '8000' ? encoding.toUpperCase() : undefined);
  }
  return formats.flatMap((format) => {
    const payloadType = Number(format);
    const encoding = PAYLOAD_TYPE.test(format) && payloadType <= 127 ? mapped.get(payloadType) : undefined;
    return encoding === undefined ? [] : [{ payloadType, encoding }];
  });
};

/** Whether a format is one of these codecs, and then which. */
export const codecOf = ({ encoding }: AudioFormat, codecs: readonly CodecName[]): CodecName | undefined =>
  codecs.find((codec) => codec === encoding);

/** The payload type of telephone-event at the codecs' rate (RFC 4733, section 2.5.1.1). */
export const telephoneEvent = (formats: readonly AudioFormat[]): number | undefined =>
  formats.find(({ encoding }) => encoding === 'TELEPHONE-EVENT')?.payloadType;
