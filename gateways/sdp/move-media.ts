import { isIP } from 'node:net';
import { badSdp } from './description.ts';
import { asSdp } from './ours.ts';

/** What identifies a description of ours in its o= line. */
export interface SdpOrigin {
  readonly sessionId: string;
  readonly version: number;
}

const ORIGIN = /^o=\S+ (\d+) (\d+) IN IP[46] \S+$/m;

/** Reads it. @throws media.bad-sdp when it is no description of ours */
export const originOf = (ourSdp: string): SdpOrigin => {
  const match = ORIGIN.exec(ourSdp.replaceAll('\r', ''));
  if (match === null) throw badSdp('it has no o= line of ours');
  return { sessionId: match[1]!, version: Number(match[2]) };
};

/**
 * A description of ours as a new offer whose audio is at another address or port: its streams stay in their places, and
 * its version grows by one (RFC 3264, section 8). The same description when the audio is there already.
 *
 * @throws media.bad-sdp when it is no description of ours
 */
export const movedTo = (ourSdp: string, address: string, port: number): string => {
  const { sessionId, version } = originOf(ourSdp);
  const where = `IN IP${isIP(address)} ${address}`;
  const lines = ourSdp.trimEnd().split('\r\n');
  const at = (newVersion: number): string =>
    asSdp(
      lines.map((line) => {
        if (line.startsWith('o=')) return `o=- ${sessionId} ${newVersion} ${where}`;
        if (line.startsWith('c=')) return `c=${where}`;
        // A port of 0 refuses a stream, which it goes on doing.
        return line.replace(/^(m=\S+ )[1-9]\d*/, `$1${port}`);
      }),
    );
  return at(version) === ourSdp ? ourSdp : at(version + 1);
};
