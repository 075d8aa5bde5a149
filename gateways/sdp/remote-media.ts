import { isIP } from 'node:net';
import { TandemError } from '@tandem/actors/errors';
import type { CodecName } from '../audio/codecs/index.ts';
import type { RemoteMedia } from '../media/index.ts';
import { type AudioFormat, audioFormats, codecOf, eventsBeside, withG722AsSampled } from './audio-formats.ts';
import {
  attributeValue,
  badSdp,
  type MediaDescription,
  quote,
  readConnection,
  type SessionDescription,
} from './description.ts';
import { type MediaDirection, ourDirection, statedDirection, withoutSending } from './direction.ts';

/** Profiles of RTP whose packets we send and take: plain RTP, and the one whose feedback is optional (RFC 4585). */
const PROTOCOLS: readonly string[] = ['RTP/AVP', 'RTP/AVPF'];
const DEFAULT_PTIME = 20;
/** Milliseconds a packet may carry. */
const PTIME = { least: 10, most: 60 };

/** What of a stream is wanted on our side. */
export interface Wanted {
  readonly codecs: readonly CodecName[];
  /** Codecs that are taken before others, the most wanted first; without them the peer's order counts. */
  readonly preferred?: readonly CodecName[];
  readonly direction: MediaDirection;
  /** Our media address: the peer's must be of the same family. */
  readonly address: string;
}

/** A stream that can be taken, or why it cannot. */
export type Choice =
  | { readonly remote: RemoteMedia }
  | {
      readonly refusal: string;
      /** It is the address that stands in the way, and what family that has. */
      readonly family?: 4 | 6;
    };

/** Why nothing of a description can be taken. */
export const noneTaken = (
  refusals: readonly string[],
  family: 4 | 6 | undefined,
  ours: string,
): TandemError =>
  family === undefined
    ? new TandemError('media.no-common-codec', { detail: refusals.join('; ') })
    : new TandemError('media.other-family', { theirs: family, ours });

/** Whether the stream that a peer describes can be taken, and what we then know of the far end. @throws media.bad-sdp */
export const chooseMedia = (media: MediaDescription, session: SessionDescription, wanted: Wanted): Choice => {
  const refusal = refusalOf(media);
  if (refusal !== undefined) return { refusal };
  const formats = formatsFor(media, wanted.codecs);
  const chosen = chooseFormat(formats, wanted);
  const codec = chosen && codecOf(chosen, wanted.codecs);
  if (!chosen || !codec)
    return {
      refusal: `none of its formats ${quote(media.formats.join(' '))} is ${wanted.codecs.join(' or ')}`,
    };

  const stated = media.connection ?? session.connection;
  if (stated === undefined) throw badSdp('its audio has no c= line');
  const connection = readConnection(stated);
  const nowhere = isUnspecified(connection.address);
  if (!nowhere && connection.family !== isIP(wanted.address)) {
    return {
      refusal: `its address is IPv${connection.family} and ours is not`,
      family: connection.family,
    };
  }
  if (isMany(connection.address)) return { refusal: 'its address is not that of one host' };

  const direction = ourDirection(statedDirection(media, session), wanted.direction);
  return {
    remote: {
      address: connection.address,
      port: media.port,
      rtcpPort: rtcpPort(media),
      codec,
      payloadType: chosen.payloadType,
      ...eventsBeside(formats, codec),
      direction: nowhere ? withoutSending(direction) : direction,
      ptime: packetTime(media),
    },
  };
};

/** The codecs that a stream and we have in common, in the stream's order. */
const commonCodecs = (formats: readonly AudioFormat[], codecs: readonly CodecName[]): CodecName[] => [
  ...new Set(formats.flatMap((format) => codecOf(format, codecs) ?? [])),
];

const formatsFor = (media: MediaDescription, codecs: readonly CodecName[]): AudioFormat[] => {
  const formats = audioFormats(media);
  return commonCodecs(formats, codecs).length > 0 ? formats : withG722AsSampled(formats);
};

const chooseFormat = (formats: readonly AudioFormat[], { codecs, preferred = [] }: Wanted) => {
  const common = commonCodecs(formats, codecs);
  const codec = preferred.find((one) => common.includes(one)) ?? common[0];
  return codec && formats.find((format) => codecOf(format, [codec]));
};

/** Whether a stream is of a kind that we take, whatever is in it; else why not. */
const refusalOf = ({ kind, port, protocol }: MediaDescription): string | undefined => {
  if (kind !== 'audio') return `${quote(kind)} is not audio`;
  if (port === 0) return 'its port is 0';
  if (!PROTOCOLS.includes(protocol)) return `${quote(protocol)} is not RTP/AVP`;
  return undefined;
};

/** What an offer and we have in common, in the offer's order: of the first stream that could be taken. */
export const offeredCodecs = (offer: SessionDescription, codecs: readonly CodecName[]): CodecName[] => {
  for (const media of offer.media) {
    const common = refusalOf(media) === undefined ? commonCodecs(formatsFor(media, codecs), codecs) : [];
    if (common.length > 0) return common;
  }
  return [];
};

const isUnspecified = (address: string): boolean => /^[0:.]+$/.test(address);

/** Multicast and broadcast: media is sent to one host only. */
const isMany = (address: string): boolean => {
  if (isIP(address) === 6) return /^ff/i.test(address);
  return Number(address.split('.')[0]) >= 224;
};

const rtcpPort = ({ port, attributes }: MediaDescription): number => {
  if (attributes.some(({ name }) => name === 'rtcp-mux')) return port;
  const stated = Number(/^\d{1,5}(?= |$)/.exec(attributeValue(attributes, 'rtcp') ?? '')?.[0]);
  return stated >= 1 && stated <= 65_535 ? stated : Math.min(port + 1, 65_535);
};

const milliseconds = (value: string | undefined): number | undefined =>
  value !== undefined && /^[1-9]\d{0,3}(\.\d{1,3})?$/.test(value) ? Number(value) : undefined;

/** What the peer wants, as whole 10 ms that we can make (RFC 8866, sections 6.4 and 6.5). */
const packetTime = ({ attributes }: MediaDescription): number => {
  const wanted = milliseconds(attributeValue(attributes, 'ptime')) ?? DEFAULT_PTIME;
  const most = Math.min(PTIME.most, milliseconds(attributeValue(attributes, 'maxptime')) ?? PTIME.most);
  return Math.max(PTIME.least, Math.floor(Math.min(wanted, most) / 10) * 10);
};
