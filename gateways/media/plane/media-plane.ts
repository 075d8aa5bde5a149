import type { CodecName } from '../../audio/codecs/index.ts';
import type { PlayItem } from '../../audio/speech/index.ts';
import type { LatchRule, MediaStats, PortRange, Source } from '../rtp/index.ts';

/** One way in which sound was agreed to be written in packets. */
export interface AgreedFormat {
  readonly codec: CodecName;
  readonly payloadType: number;
  /** Payload type of telephone-event (RFC 4733), when it was agreed. */
  readonly dtmfPayloadType?: number;
  /** Hertz of its timestamps and durations, where that is not the codec's clock (RFC 4733, section 2.1, wants that). */
  readonly dtmfClockRate?: number;
  /** Further payload types of telephone-event that the peer has named, which are heard as well, and never sent. */
  readonly otherEvents?: readonly EventFormat[];
}

/** A payload type of telephone-event, and the hertz of its timestamps and durations. */
export interface EventFormat {
  readonly payloadType: number;
  readonly clockRate: number;
}

/** What was agreed with a peer for one audio stream: the outcome of offer and answer. Its own format is what we send. */
export interface RemoteMedia extends AgreedFormat {
  readonly address: string;
  readonly port: number;
  /** RTCP's port when it is not `port + 1` (RFC 3605) or is the same (RFC 5761). */
  readonly rtcpPort: number;
  /** What the peer may send besides, and may change to at any packet (RFC 3264, section 7). */
  readonly alsoHeard?: readonly AgreedFormat[];
  /**
   * Nothing is sent to the address for SDP's word alone: only once media has come, and then to where it came from. No
   * unless given.
   */
  readonly heardFirst?: boolean;
  /** Who may be heard beside the address (see `SourceLatch`). `host` unless given. */
  readonly latch?: LatchRule;
  /**
   * Networks (CIDR) that are the peer's own: the host that signals, and its trunk's. They are heard, and an address in
   * them is sent media though nothing has come from it. None unless given.
   */
  readonly networks?: readonly string[];
  /** Ours: whether we send, receive, both or neither (RFC 3264, section 6). */
  readonly direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
  /** Packet time in milliseconds that the peer asks for; 20 unless it said otherwise. */
  readonly ptime: number;
}

export interface AllocateRequest {
  /** The caller's name for this media session; the same id again gives the same session. */
  readonly id: string;
  /** Report `stopped` after so long without a packet, in milliseconds; 0 never does. */
  readonly silenceLimit: number;
  /** RTP's port that is wanted, because a peer sends to it; another one when it is taken or none of ours. */
  readonly port?: number;
}

export interface Allocation {
  readonly id: string;
  /** Address to advertise in SDP; may differ from the one that is bound. */
  readonly address: string;
  /** RTP's port (even); RTCP has the next one. */
  readonly port: number;
}

/** Where this end of pipes is: addresses, and a range of ports of which it takes one a pipe. */
export interface PipeOptions {
  readonly bindAddress: string;
  readonly advertisedAddress?: string;
  readonly ports: PortRange;
}

export interface PipeRequest {
  /** The caller's name for this end of a pipe, which is a media session as a leg's is. */
  readonly id: string;
  /** What is sent and received on the pipe; whoever sets it up says the same to both ends. */
  readonly codec: CodecName;
  /** As a leg's; 0, which is no limit, unless given. */
  readonly silenceLimit?: number;
  /**
   * Pipes with the same name here (a call's, say) can be joined without our code in the packets' way. One by itself
   * unless given.
   */
  readonly room?: string;
}

/** Where one end of a pipe sends from and receives, and the key of what it sends (SRTP, RFC 3711). */
export interface PipeEnd {
  readonly address: string;
  readonly port: number;
  readonly srtp: { readonly cryptoSuite: string; readonly keyBase64: string };
}

export interface BridgeOptions {
  /**
   * Whether keys that the first session's peer presses are to be reported. Only while neither side of a bridge is
   * listened to may its packets pass our code by. True unless given.
   */
  readonly hears?: boolean;
}

export interface PlayRequest {
  readonly playId: string;
  readonly items: readonly PlayItem[];
  /** How often the items are played in turn; 0 until stopped. */
  readonly loop: number;
  /** The sid of the account whose call it is, when somebody owns it: what is played is made in fairness to all. */
  readonly account?: string;
}

/** What a leg hears of its media. Each carries the session's id. */
export interface MediaEvents {
  digit: [
    id: string,
    digit: { readonly digit: string; readonly duration: number; readonly source: 'rfc4733' | 'inband' },
  ];
  played: [
    id: string,
    outcome: {
      readonly playId: string;
      readonly outcome: 'completed' | 'stopped' | 'failed';
      readonly code?: string;
      readonly message?: string;
    },
  ];
  /** Media comes from another address than SDP said (symmetric RTP, RFC 4961). */
  latched: [id: string, source: { readonly address: string; readonly port: number; readonly codec: string }];
  /**
   * Packets that may be the session's media come from a source that is not heard. Once for each session. `heard` is the
   * source that is, if there is one.
   */
  contested: [
    id: string,
    rival: { readonly address: string; readonly port: number; readonly heard?: Source },
  ];
  /** No packet for longer than the limit; milliseconds. */
  stopped: [id: string, silentFor: number];
}

/**
 * Media sessions of legs, apart from their signalling (requirement G2): a session is allocated, told its remote
 * end, and then plays, listens and is bridged. It may run in this process or elsewhere.
 *
 * Owner: whoever allocates a session releases it. `close` releases all.
 */
export interface MediaPlane {
  /** @throws media.no-ports, media.closed */
  allocate(request: AllocateRequest): Promise<Allocation>;
  /**
   * Opens one end of a pipe to another media plane. It is a session: all that can be done with one can be done with
   * it, its peer being the other end; only `connectPipe` is in the place of `connect`. The same id again gives the
   * same end.
   *
   * @throws media.no-ports, media.bind-failed, media.relay-lost, media.closed
   */
  openPipe(request: PipeRequest): Promise<PipeEnd>;
  /**
   * Tells a pipe its other end, once; again with the same end does nothing.
   *
   * @throws media.unknown-session, media.bad-pipe-end
   */
  connectPipe(id: string, remote: PipeEnd): Promise<void>;
  /** Sets or changes the far end; audio flows from then on. @throws media.unknown-session */
  connect(id: string, remote: RemoteMedia): Promise<void>;
  /** Starts playing; what was playing is stopped. The outcome comes as `played`. */
  play(id: string, request: PlayRequest): void;
  /** Stops a play; nothing happens when it is not the one that plays. */
  stop(id: string, playId: string): void;
  /** Sends digits as RFC 4733 events (0-9, *, #, A-D; `w` waits half a second). */
  sendDigits(id: string, digits: string): void;
  /**
   * Joins two sessions: each hears the other. Either may have been bridged before; that ends. The options are about
   * `a`; those about `b` are given by naming it first. Saying it again changes the options.
   */
  bridge(a: string, b: string, options?: BridgeOptions): void;
  unbridge(id: string): void;
  /** Changes the limit of silence, in milliseconds; 0 switches the watch off (on hold, say). */
  setSilenceLimit(id: string, limit: number): void;
  /** What a session has measured so far. @throws media.unknown-session */
  stats(id: string): Promise<MediaStats>;
  /** Gives ports and everything else of a session back; an unknown id is no error. */
  release(id: string): Promise<void>;
  on<E extends keyof MediaEvents>(event: E, listener: (...args: MediaEvents[E]) => void): this;
  off<E extends keyof MediaEvents>(event: E, listener: (...args: MediaEvents[E]) => void): this;
  close(): Promise<void>;
}
