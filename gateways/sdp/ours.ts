import { isIP } from 'node:net';
import { CODEC_NAMES, type CodecName } from '../audio/codecs/index.ts';
import { PARAMETERS, RTPMAPS } from './audio-formats.ts';
import type { MediaDirection } from './direction.ts';

/** Our side of a session description. */
export interface Ours {
  /** IP address to advertise for media. */
  readonly address: string;
  /** RTP's port; RTCP has the next one. */
  readonly port: number;
  /** A number in decimal digits that stays the same in all of a dialog's descriptions (RFC 8866, section 5.2). */
  readonly sessionId: string;
  /** A number in decimal digits that grows by one whenever the description changes. */
  readonly version: string | number;
  /** The codecs that may be used, the most wanted first; all that we have unless given. */
  readonly codecs?: readonly CodecName[];
  /** What we want to do; send and receive unless given. */
  readonly direction?: MediaDirection;
}

/** What is wanted of one description only. */
export interface Wish {
  /** Codecs that are to come before the others, the most wanted first: those of the party at the other end. */
  readonly codecs?: readonly CodecName[];
}

/** The codecs that may be used, in the order of a wish; those that it does not name follow in our own. */
export const codecsInOrder = ({ codecs = CODEC_NAMES }: Pick<Ours, 'codecs'>, wish: Wish): CodecName[] => [
  ...new Set([...(wish.codecs ?? []).filter((codec) => codecs.includes(codec)), ...codecs]),
];

const addressLine = (address: string): string => `IN IP${isIP(address)} ${address}`;

/** The lines before the media. */
export const sessionLines = ({ address, sessionId, version }: Ours): string[] => [
  'v=0',
  `o=- ${sessionId} ${version} ${addressLine(address)}`,
  's=-',
  `c=${addressLine(address)}`,
  't=0 0',
];

/** What the lines of an audio stream of ours say. */
export interface AudioStream {
  readonly port: number;
  readonly protocol: string;
  readonly codecs: readonly { readonly payloadType: number; readonly name: CodecName }[];
  /** Payload types of telephone-event, with their clock rates. */
  readonly events: readonly { readonly payloadType: number; readonly clockRate: number }[];
  readonly ptime: number;
  readonly direction: MediaDirection;
  readonly rtcpMux: boolean;
}

export const audioLines = (stream: AudioStream): string[] => {
  const formats = [...stream.codecs, ...stream.events].map(({ payloadType }) => payloadType);
  const lines = [`m=audio ${stream.port} ${stream.protocol} ${formats.join(' ')}`];
  for (const { payloadType, name } of stream.codecs) {
    lines.push(`a=rtpmap:${payloadType} ${RTPMAPS[name]}`);
    if (PARAMETERS[name] !== undefined) lines.push(`a=fmtp:${payloadType} ${PARAMETERS[name]}`);
  }
  for (const { payloadType, clockRate } of stream.events)
    lines.push(`a=rtpmap:${payloadType} telephone-event/${clockRate}`, `a=fmtp:${payloadType} 0-15`);
  lines.push(`a=ptime:${stream.ptime}`, `a=${stream.direction}`);
  if (stream.rtcpMux) lines.push('a=rtcp-mux');
  return lines;
};

/** Lines as they are sent. */
export const asSdp = (lines: readonly string[]): string => `${lines.join('\r\n')}\r\n`;
