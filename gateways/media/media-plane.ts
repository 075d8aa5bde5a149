/** Audio codecs that a leg may use, by their names in SDP (RFC 3551). */
export type CodecName = 'PCMU' | 'PCMA';

/** What was agreed with a peer for one audio stream: the outcome of offer and answer. */
export interface RemoteMedia {
  readonly address: string;
  readonly port: number;
  /** RTCP's port when it is not `port + 1` (RFC 3605) or is the same (RFC 5761). */
  readonly rtcpPort: number;
  readonly codec: CodecName;
  readonly payloadType: number;
  /** Payload type of telephone-event (RFC 4733), when it was agreed. */
  readonly dtmfPayloadType?: number;
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

export type PlayItem =
  | { readonly speech: { readonly text: string; readonly voice?: string; readonly language?: string } }
  | { readonly file: { readonly url: string } }
  | { readonly tone: { readonly name: string } }
  /** Milliseconds. */
  | { readonly silence: number };

export interface PlayRequest {
  readonly playId: string;
  readonly items: readonly PlayItem[];
  /** How often the items are played in turn; 0 until stopped. */
  readonly loop: number;
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
  /** Sets or changes the far end; audio flows from then on. @throws media.unknown-session */
  connect(id: string, remote: RemoteMedia): Promise<void>;
  /** Starts playing; what was playing is stopped. The outcome comes as `played`. */
  play(id: string, request: PlayRequest): void;
  /** Stops a play; nothing happens when it is not the one that plays. */
  stop(id: string, playId: string): void;
  /** Sends digits as RFC 4733 events (0-9, *, #, A-D; `w` waits half a second). */
  sendDigits(id: string, digits: string): void;
  /** Joins two sessions: each hears the other. Either may have been bridged before; that ends. */
  bridge(a: string, b: string): void;
  unbridge(id: string): void;
  /** Changes the limit of silence, in milliseconds; 0 switches the watch off (on hold, say). */
  setSilenceLimit(id: string, limit: number): void;
  /** Gives ports and everything else of a session back; an unknown id is no error. */
  release(id: string): Promise<void>;
  on<E extends keyof MediaEvents>(event: E, listener: (...args: MediaEvents[E]) => void): this;
  off<E extends keyof MediaEvents>(event: E, listener: (...args: MediaEvents[E]) => void): this;
  close(): Promise<void>;
}
