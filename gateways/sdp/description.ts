import { isIP } from 'node:net';
import { TandemError } from '@tandem/actors/errors';

/** An `a=` line. */
export interface Attribute {
  readonly name: string;
  /** What follows the colon; absent for a property attribute such as `a=sendonly`. */
  readonly value?: string;
}

/** Where media goes. */
export interface Connection {
  readonly family: 4 | 6;
  readonly address: string;
}

/** An `m=` line and what belongs to it. */
export interface MediaDescription {
  /** `audio`, `video`, `application`, … */
  readonly kind: string;
  /** 0 when the stream is refused or switched off. */
  readonly port: number;
  /** Such as `RTP/AVP`. */
  readonly protocol: string;
  /** Payload types, or whatever the protocol has in their place. */
  readonly formats: readonly string[];
  /** What its own `c=` line says; see `readConnection`. */
  readonly connection?: string;
  readonly attributes: readonly Attribute[];
}

export interface SessionDescription {
  /** What the `c=` line says that stands for all media without one of their own. */
  readonly connection?: string;
  readonly attributes: readonly Attribute[];
  readonly media: readonly MediaDescription[];
}

const LARGEST = 65_536;
const MOST_LINES = 2000;
const MOST_MEDIA = 64;

export const badSdp = (detail: string): TandemError => new TandemError('media.bad-sdp', { detail });

/** A piece of the peer's text, short enough to be repeated. */
export const quote = (text: string): string => JSON.stringify(text.slice(0, 60));

const M_LINE = /^([!-~]{1,32}) (\d{1,5})(?:\/\d{1,5})? ([!-~]{1,64}) ([!-~][ -~]*)$/;

const readMedia = (value: string): Omit<MediaDescription, 'attributes' | 'connection'> => {
  const match = M_LINE.exec(value.trimEnd());
  const port = Number(match?.[2]);
  if (!match || port > 65_535) throw badSdp(`the line m=${quote(value)} is malformed`);
  return { kind: match[1]!, port, protocol: match[3]!, formats: match[4]!.split(/ +/) };
};

/** A host name (RFC 8866, section 9: FQDN); all digits and dots would be an address that is none. */
const HOST =
  /^(?=.{1,253}$)(?![\d.]+$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*\.?$/;

/**
 * Reads a `c=` line's value. The address may be a host name, which `withAddresses` replaces before media is sent.
 *
 * @throws media.bad-sdp
 */
export const readConnection = (value: string): Connection => {
  const [network, type, where = ''] = value.trim().split(/ +/);
  // Multicast addresses have a time to live behind a slash.
  const address = where.split('/')[0]!;
  const family = type === 'IP6' ? 6 : 4;
  if (
    network !== 'IN' ||
    (type !== 'IP4' && type !== 'IP6') ||
    (isIP(address) !== family && !HOST.test(address)) ||
    address.includes('%')
  ) {
    throw badSdp(`the line c=${quote(value)} has no IP address and no host name`);
  }
  return { family, address };
};

const readAttribute = (value: string): Attribute => {
  const colon = value.indexOf(':');
  if (colon < 0) return { name: value.trim() };
  return { name: value.slice(0, colon), value: value.slice(colon + 1).trim() };
};

type Building<T> = { -readonly [K in keyof T]: T[K] } & { attributes: Attribute[] };

/**
 * Reads the parts of a session description (RFC 8866) that offer and answer need: media, addresses and attributes.
 * Lenient about lines that are missing or unknown, strict about those that it reads.
 *
 * @throws media.bad-sdp
 */
export const readDescription = (sdp: string): SessionDescription => {
  if (sdp.length > LARGEST) throw badSdp(`it has more than ${LARGEST} characters`);
  const lines = sdp.split(/\r\n|\n|\r/, MOST_LINES + 1);
  if (lines.length > MOST_LINES) throw badSdp(`it has more than ${MOST_LINES} lines`);
  if (lines[0]?.trimEnd() !== 'v=0') throw badSdp('it does not begin with v=0');

  const session: Building<Omit<SessionDescription, 'media'>> = { attributes: [] };
  const media: Building<MediaDescription>[] = [];
  for (const line of lines) {
    const value = line.slice(2);
    const section = media.at(-1) ?? session;
    if (line.startsWith('m=')) {
      if (media.length === MOST_MEDIA) throw badSdp(`it has more than ${MOST_MEDIA} media`);
      media.push({ ...readMedia(value), attributes: [] });
    } else if (line.startsWith('c=')) section.connection = value;
    else if (line.startsWith('a=')) section.attributes.push(readAttribute(value));
  }
  if (media.length === 0) throw badSdp('it has no m= line');
  return { ...session, media };
};

/** The value of the first attribute of a name. */
export const attributeValue = (attributes: readonly Attribute[], name: string): string | undefined =>
  attributes.find((attribute) => attribute.name === name)?.value;
