import { badSdp, readDescription } from './description.ts';
import { isDirection, type MediaDirection, statedDirection } from './direction.ts';
import { asSdp } from './ours.ts';

/** Our direction as a description of ours says it. @throws media.bad-sdp */
export const localDirection = (ourSdp: string): MediaDirection => {
  const session = readDescription(ourSdp);
  const audio = session.media.find(({ kind, port }) => kind === 'audio' && port !== 0);
  if (!audio) throw badSdp('it has no audio stream in use');
  return statedDirection(audio, session);
};

/**
 * A description of ours as a new offer with another direction: to hold (`sendonly` with music, else `inactive`) or to
 * take up again. Its streams stay in their places and its version grows by one (RFC 3264, section 8).
 *
 * @throws media.bad-sdp
 */
export const withDirection = (ourSdp: string, direction: MediaDirection): string => {
  if (localDirection(ourSdp) === direction) return ourSdp;
  const [session, ...media] = ourSdp.trimEnd().split(/\r\n(?=m=)/);
  const streams = media.map((stream) => {
    if (/^m=\S+ 0 /.test(stream)) return stream;
    const lines = stream.split('\r\n');
    return [...lines.filter((line) => !isDirection(line.slice(2))), `a=${direction}`].join('\r\n');
  });
  return asSdp([nextVersion(session!), ...streams]);
};

const nextVersion = (session: string): string =>
  session.replace(
    /^(o=\S+ \S+ )(\d+)/m,
    (_, before: string, version: string) => `${before}${BigInt(version) + 1n}`,
  );
