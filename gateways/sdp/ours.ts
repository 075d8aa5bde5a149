import { isIP } from 'node:net';
import type { CodecName } from '../media/media-plane.ts';
import type { Direction } from './direction.ts';

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
  /** The codecs that may be used, the most wanted first; PCMU and PCMA unless given. */
  readonly codecs?: readonly CodecName[];
  /** What we want to do; send and receive unless given. */
  readonly direction?: Direction;
}

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
  readonly dtmfPayloadType?: number;
  readonly ptime: number;
  readonly direction: Direction;
  readonly rtcpMux: boolean;
}

export const audioLines = (stream: AudioStream): string[] => {
  const formats = [
    ...stream.codecs.map(({ payloadType }) => payloadType),
    stream.dtmfPayloadType ?? [],
  ].flat();
  const lines = [`m=audio ${stream.port} ${stream.protocol} ${formats.join(' ')}`];
  for (const { payloadType, name } of stream.codecs) lines.push(`a=rtpmap:${payloadType} ${name}/8000`);
  if (stream.dtmfPayloadType !== undefined) {
    lines.push(
      `a=rtpmap:${stream.dtmfPayloadType} telephone-event/8000`,
      `a=fmtp:${stream.dtmfPayloadType} 0-15`,
    );
  }
  lines.push(`a=ptime:${stream.ptime}`, `a=${stream.direction}`);
  if (stream.rtcpMux) lines.push('a=rtcp-mux');
  return lines;
};

/** Lines as they are sent. */
export const asSdp = (lines: readonly string[]): string => `${lines.join('\r\n')}\r\n`;
