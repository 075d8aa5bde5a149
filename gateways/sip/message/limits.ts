/**
 * Bounds on what a SIP peer can make us hold. Each is far above what real peers send: a long INVITE with SDP,
 * identity and routing headers has about 4 KiB, 40 header fields and URIs of 200 characters.
 */

/** Bytes of one message: what a UDP datagram can carry at most, so one bound serves every transport. */
export const MAX_MESSAGE_BYTES = 65_535;

/** Bytes of the start line and header fields together; bodies may be long, heads are not. */
export const MAX_HEAD_BYTES = 32_768;

/** Characters of one header field, folded lines included. Signed Identity fields come to about 2,000. */
export const MAX_HEADER_CHARACTERS = 8_192;

/** Header fields of one message. A request may gather a Via and a Record-Route from each of 70 hops. */
export const MAX_HEADERS = 256;

/** X- fields of one INVITE that are kept with its leg and handed to the application, and what each may have. */
export const MAX_EXTENSION_FIELDS = 32;
export const MAX_EXTENSION_NAME_CHARACTERS = 64;
export const MAX_EXTENSION_VALUE_CHARACTERS = 1_024;

/** Characters of all of them together: they are stored with the call and are in each request to its application. */
export const MAX_EXTENSIONS_CHARACTERS = 4_096;

/** Parts of one body, nested ones included, and how deep they may be nested. Real ones have two or three, in a row. */
export const MAX_BODY_PARTS = 16;
export const MAX_MULTIPART_DEPTH = 3;

/** Elements of one kind of list header (Via, Route, Contact), counted over all its fields. */
export const MAX_LIST_ELEMENTS = 128;

/** Characters of one URI. */
export const MAX_URI_CHARACTERS = 2_048;

/** Parameters of one header value or URI. RFC 4475 has no more than 25 in its longest. */
export const MAX_PARAMETERS = 64;

/**
 * Characters of what an answer repeats of its request: routes and Via fields of 70 hops have some 7,000. What has more is
 * refused, since an answer over UDP is kept for 32 s.
 */
export const MAX_ECHOED_CHARACTERS = 8_192;

/** Characters of a request above which its answer is copied out of it to be kept; below that the copy costs more. */
export const COPIED_ANSWER_CHARACTERS = 4_096;

/** Bytes above which a request over UDP should go over TCP when the path's MTU is not known (RFC 3261, 18.1.1). */
export const MAX_UDP_REQUEST_BYTES = 1_300;

/** Servers of a domain that are looked at, addresses of one of them, and places that a request is sent to in turn. */
export const MAX_SERVERS = 8;
export const MAX_HOST_ADDRESSES = 4;
export const MAX_TARGETS = 12;

/** Places of which it is remembered that they have failed. */
export const MAX_FAILED_TARGETS = 1_000;

/** Open connections of one peer address. Carriers use one to four; some open one a call. */
export const MAX_CONNECTIONS_PER_SOURCE = 64;

/** Open connections of one listening socket, inbound and outbound. */
export const MAX_CONNECTIONS = 4_096;

/** Milliseconds a connection may be silent: five of the 120 s keep-alive intervals of RFC 5626, 4.4.1. */
export const CONNECTION_IDLE_MS = 600_000;

/** Milliseconds from a message's first byte to its last on a stream: Timer B and F, after which nobody waits for it. */
export const MESSAGE_COMPLETION_MS = 32_000;

/** Milliseconds to connect, with the TLS handshake: short of Timer B, so that another address can still be tried. */
export const CONNECT_MS = 5_000;

/** The same where UDP serves as well: many peers that take no TCP do not even refuse it. */
export const CONNECT_INSTEAD_MS = 1_000;

/** Bytes waiting to be written to a peer that does not read, before its connection is given up. */
export const MAX_UNSENT_BYTES = 1_048_576;

/** Addresses in no trunk's list that are heard at once because we have called them. */
export const MAX_EXPECTED_PEERS = 4_096;

/** Of these, addresses that one call has to do with: the called host, a proxy that stays on the way, and a move. */
export const MAX_EXPECTED_PEERS_PER_DIALOG = 4;

/** Messages a second from one of them: some 50 calls a second. */
export const STRANGERS_MESSAGES_PER_SECOND = 500;

/** Peer addresses whose message rate is remembered; the one not heard for longest is forgotten first. */
export const MAX_RATED_SOURCES = 10_000;

/**
 * Messages a second from one source unless its trunk says otherwise: some 800 calls a second with all their messages,
 * and a fraction of what one process can parse, so that one peer in a loop does not take the others' share.
 */
export const DEFAULT_MESSAGES_PER_SECOND = 5_000;

/** Wrong answers to our challenges that one address may give in a while, before it is refused unread; and that while. */
export const MAX_WRONG_CREDENTIALS = 10;
export const WRONG_CREDENTIALS_MS = 60_000;

/** Addresses whose wrong answers are remembered; the one that began first is forgotten first. */
export const MAX_GUESSING_PEERS = 10_000;
