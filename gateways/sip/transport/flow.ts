/** Name of a transport in the table: `udp`, `tcp`, `tls`. */
export type TransportName = string;

/** Whether an IP address is of version 6; told from version 4 alone, which is cheaper than `isIPv6`. */
export const isIPv6Address = (address: string): boolean => address.includes(':');

/** Whether an address stands for all of a machine's of its family. */
export const isWildcard = (address: string): boolean => address === '0.0.0.0' || address === '::';

/** Where a message came from or goes to: one local and one remote address over one transport (RFC 5626). */
export interface Flow {
  readonly transport: TransportName;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** The host of the URI that led there, when it is a name: over TLS the peer's certificate must be for it. */
  readonly name?: string;
  /** Milliseconds to connect, when that is less than usual. */
  readonly connectWithin?: number;
  /** Name of the trunk whose allow-list let the peer in; absent for a flow that we opened. */
  readonly trunk?: string;
  /** The peer has opened its connection: where that comes from nobody listens. */
  readonly accepted?: boolean;
  /** No trunk lists the peer: it is heard only of what we have called it for. */
  readonly stranger?: boolean;
}
