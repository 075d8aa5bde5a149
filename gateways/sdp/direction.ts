import type { RemoteMedia } from '../media/index.ts';
import type { Attribute, SessionDescription } from './description.ts';

/** Whose it is depends on whose description it is in: `sendonly` of the peer is our `recvonly`. */
export type MediaDirection = RemoteMedia['direction'];

const DIRECTIONS: readonly string[] = [
  'sendrecv',
  'sendonly',
  'recvonly',
  'inactive',
] satisfies MediaDirection[];

const sends = (direction: MediaDirection): boolean => direction === 'sendrecv' || direction === 'sendonly';
const receives = (direction: MediaDirection): boolean => direction === 'sendrecv' || direction === 'recvonly';

const directionOf = (send: boolean, receive: boolean): MediaDirection =>
  send ? (receive ? 'sendrecv' : 'sendonly') : receive ? 'recvonly' : 'inactive';

const stated = (attributes: readonly Attribute[]): MediaDirection | undefined =>
  attributes.find(({ name }) => DIRECTIONS.includes(name))?.name as MediaDirection | undefined;

/** A stream's direction as its description says it: its own, else the session's, else both ways (RFC 8866, 6.7). */
export const statedDirection = (
  media: { readonly attributes: readonly Attribute[] },
  session: Pick<SessionDescription, 'attributes'>,
): MediaDirection => stated(media.attributes) ?? stated(session.attributes) ?? 'sendrecv';

/** What is left for us when the peer has said its direction, of what we want (RFC 3264, section 6.1). */
export const ourDirection = (peers: MediaDirection, wanted: MediaDirection): MediaDirection =>
  directionOf(sends(wanted) && receives(peers), receives(wanted) && sends(peers));

/** The same without sending: the peer has no address to send to, which is how RFC 2543 held calls. */
export const withoutSending = (direction: MediaDirection): MediaDirection =>
  directionOf(false, receives(direction));

export const isDirection = (name: string): boolean => DIRECTIONS.includes(name);
