import { isIP } from 'node:net';
import type { CodecName, RemoteMedia } from '../media/media-plane.ts';
import { audioFormats, codecOf, telephoneEvent } from './audio-formats.ts';
import {
  attributeValue,
  badSdp,
  type MediaDescription,
  quote,
  readConnection,
  type SessionDescription,
} from './description.ts';
import { type Direction, ourDirection, statedDirection, withoutSending } from './direction.ts';

/** Profiles of RTP whose packets we send and take: plain RTP, and the one whose feedback is optional (RFC 4585). */
const PROTOCOLS: readonly string[] = ['RTP/AVP', 'RTP/AVPF'];
const DEFAULT_PTIME = 20;
/** Milliseconds a packet may carry. */
const PTIME = { least: 10, most: 60 };

/** What of a stream is wanted on our side. */
export interface Wanted {
  readonly codecs: readonly CodecName[];
  readonly direction: Direction;
  /** Our media address: the peer's must be of the same family. */
  readonly address: string;
}

/** A stream that can be taken, or why it cannot. */
export type Choice = { readonly remote: RemoteMedia } | { readonly refusal: string };

/** Whether the stream that a peer describes can be taken, and what we then know of the far end. @throws media.bad-sdp */
export const chooseMedia = (media: MediaDescription, session: SessionDescription, wanted: Wanted): Choice => {
  if (media.kind !== 'audio') return { refusal: `${quote(media.kind)} is not audio` };
  if (media.port === 0) return { refusal: 'its port is 0' };
  if (!PROTOCOLS.includes(media.protocol)) return { refusal: `${quote(media.protocol)} is not RTP/AVP` };
  const formats = audioFormats(media);
  const chosen = formats.find((format) => codecOf(format, wanted.codecs));
  if (!chosen)
    return {
      refusal: `none of its formats ${quote(media.formats.join(' '))} is ${wanted.codecs.join(' or ')}`,
    };

  const stated = media.connection ?? session.connection;
  if (stated === undefined) throw badSdp('its audio has no c= line');
  const connection = readConnection(stated);
  const nowhere = isUnspecified(connection.address);
  if (!nowhere && connection.family !== isIP(wanted.address)) {
    return { refusal: `its address is IPv${connection.family} and ours is not` };
  }
  if (isMany(connection.address)) return { refusal: 'its address is not that of one host' };

  const direction = ourDirection(statedDirection(media, session), wanted.direction);
  return {
    remote: {
      address: connection.address,
      port: media.port,
      rtcpPort: rtcpPort(media),
      codec: codecOf(chosen, wanted.codecs)!,
      payloadType: chosen.payloadType,
      dtmfPayloadType: telephoneEvent(formats),
      direction: nowhere ? withoutSending(direction) : direction,
      ptime: packetTime(media),
    },
  };
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
