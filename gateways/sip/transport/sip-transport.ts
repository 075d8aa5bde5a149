import type { SecureContextOptions } from 'node:tls';
import type { TandemError } from '@tandem/actors/errors';
import type { Flow, TransportName } from './flow.ts';
import type { PeerGuard } from './peer-guard.ts';
import type { TransportCounters } from './transport-layer.ts';

/** Milliseconds; the defaults and their reasons are in limits.ts. */
export interface ConnectionTimes {
  readonly idleMs: number;
  readonly completionMs: number;
  readonly connectMs: number;
}

/** What a listener is opened with; what a transport has no use for it leaves alone. */
export interface ListenerOptions {
  /** IP address of this machine, or `0.0.0.0` or `::` for all of its addresses of that family. */
  readonly address: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Who may be heard, and how much of them; the listener asks before it reads anything. */
  readonly guard: PeerGuard;
  readonly counters: TransportCounters;
  /** Own key and certificate, and the authorities that peers' certificates are checked against. */
  readonly tls?: SecureContextOptions;
  readonly times: ConnectionTimes;
  /** Takes the bytes of one message; returns the error when it refused it. */
  readonly receive: (bytes: Buffer, flow: Flow) => TandemError | undefined;
  /** What a connection carries cannot be cut into messages any more; it is about to be closed. */
  readonly broken: (error: TandemError, flow: Flow) => void;
  /** A connection that was open is gone, whoever closed it; not told of those that `close` closes. */
  readonly closed: (flow: Flow) => void;
}

/** One listening socket, and the connections, inbound and outbound, that belong to it. Who opens it closes it. */
export interface TransportListener {
  /** The bound port. */
  readonly port: number;
  /** Milliseconds for which what peers send has not been read up; 0 where a peer is slowed down instead. */
  readonly backlog: number;
  /**
   * Sends a message over the flow's connection, or over a new one when there is none and the flow is not a peer's that
   * has closed. Resolves when it has been handed on. @throws sip.transport-failed
   */
  send(bytes: Buffer, flow: Flow): Promise<void>;
  close(): Promise<void>;
}

/**
 * A SIP transport (RFC 3261, section 18). How it finds the ends of messages is its own: it hands up one message at a
 * time.
 */
export interface SipTransport {
  /** As configuration, flows and events have it: `tls`. */
  readonly name: TransportName;
  /** As Via has it: `TLS`. */
  readonly viaName: string;
  /** As the transport parameter of a URI has it. Two may share it of which one is secure (RFC 7118, section 5). */
  readonly uriName: string;
  readonly defaultPort: number;
  /** What is sent arrives, or its sender is told: nothing is sent again, and answers go back over the connection. */
  readonly isReliable: boolean;
  /** Over TLS: it needs a certificate, is what the scheme sips asks for, and its peer is who its certificate names. */
  readonly isSecure: boolean;
  /** The service field of NAPTR records (RFC 3263, section 4.1): `SIP+D2U`. */
  readonly naptrService: string;
  /** What stands before the domain in the name of SRV records: `_sip._udp`. */
  readonly srvPrefix: string;
  /** Name of the transport that takes requests which are too large for this one (RFC 3261, section 18.1.1). */
  readonly largeOver?: TransportName;
  /** @throws sip.address-in-use, sip.cannot-listen */
  listen(options: ListenerOptions): Promise<TransportListener>;
}
