import type { TandemError } from '@tandem/actors/errors';
import type { SipMessage, SipRequest } from '../message/index.ts';
import type { Flow, TransportName } from './flow.ts';

/** A socket that takes messages. */
export interface ListeningPoint {
  readonly transport: TransportName;
  /** What the socket is bound to. */
  readonly address: string;
  readonly port: number;
  /** What peers reach it by, and what Via and Contact say: the same unless a NAT is in front. */
  readonly advertisedAddress: string;
  readonly advertisedPort: number;
}

/** What came in and went out since the start. All only grow. */
export interface TransportCounters {
  /** Well-formed messages handed up. */
  received: number;
  sent: number;
  /** Datagrams and connections from addresses that no trunk lists; never read, never answered. */
  droppedStrangers: number;
  /** Datagrams that were dropped, and messages of streams that were held back, because their source sends too many. */
  rateLimited: number;
  malformed: number;
  /** Header fields that were not as they should be, of messages that could do without them. */
  ignoredFields: number;
  /** Connections that were refused because there are too many of their source or in all. */
  refusedConnections: number;
}

/** The SIP transport layer (RFC 3261, section 18): messages in and out over all transports. */
export interface TransportLayer {
  readonly listening: readonly ListeningPoint[];
  readonly counters: Readonly<TransportCounters>;
  /** Milliseconds for which what peers send has not been read up. */
  readonly backlog: number;
  /**
   * Well-formed messages of listed peers; the top Via of a request says where it really came from (RFC 3581). A handler
   * that finds a header field malformed which was not looked at yet may throw `sip.malformed`: then the message is
   * refused like the others that are malformed.
   */
  onMessage(handler: (message: SipMessage, flow: Flow) => void): void;
  /** Refused messages of listed peers. With a `request`, it can be answered with the status of the error. */
  onMalformed(handler: (error: TandemError, flow: Flow, request?: SipRequest) => void): void;
  /** A connection that was open is gone, whoever closed it. */
  onFlowClosed(handler: (flow: Flow) => void): void;
  /**
   * The flow on which to send requests to an address (an IP address, no name); nothing is opened yet.
   * @throws sip.no-transport
   */
  flowTo(transport: TransportName, address: string, port: number): Flow;
  /**
   * Hears an address that no trunk lists, too, until what it returns is called once; undefined when it is listed, or
   * when too many are expected. What such peers send comes on flows that say `stranger`.
   */
  expect(address: string): (() => void) | undefined;
  /**
   * The listening point that stands in Via and Contact of what goes over a flow.
   * @throws sip.no-transport
   */
  listeningPointOf(flow: Flow): ListeningPoint;
  /**
   * Sends a message; over a reliable transport on the flow's connection, or on a new one when there is none and the flow is
   * not a peer's that has closed. Resolves when the message has been handed to the kernel.
   * @throws sip.transport-failed
   */
  send(message: SipMessage, flow: Flow): Promise<void>;
  /** Closes all sockets and connections; connections that close so are not reported. */
  close(): Promise<void>;
}
