/** Version of the link protocol that this release speaks. */
export const PROTOCOL = 1;

/**
 * Bounds that both sides of the link keep and hold each other to; part of the protocol (docs/link-protocol.md).
 * Bytes of events and commands are those of their `data`.
 */
export const limits = {
  /** Events in one journal message. */
  batchEvents: 200,
  /** Bytes in one journal message of more than one event. */
  batchBytes: 256 * 1024,
  /** Bytes of one event. */
  eventBytes: 1024 * 1024,
  /** Events that a gateway may have sent without an acknowledgement. */
  windowEvents: 4000,
  /** Bytes that a gateway may have sent without an acknowledgement. */
  windowBytes: 4 * 1024 * 1024,
  /** Calls in one message that has a router adopt them. */
  adoptedCalls: 500,
  /** Calls that a router adopts from one gateway at a time. */
  adopting: 200_000,
  /** Legs asked about in one message. */
  heldLegs: 500,
  /** Legs that a gateway asks about at a time. */
  asking: 200_000,
  /** Bytes of one command. */
  commandBytes: 256 * 1024,
  /** Commands that a gateway works on at a time. */
  commands: 1000,
  /** Bytes of commands that wait for one gateway. */
  commandsBytes: 16 * 1024 * 1024,
  /** Characters of a name or an id. */
  name: 512,
  /** Characters of the message that explains a result or a refusal. */
  explanation: 2000,
  /** Bytes of any message on the wire. */
  messageBytes: 4 * 1024 * 1024,
  /** Gateways of one region. */
  gateways: 250,
  /** Services, trunks or routes in one report. */
  reportEntries: 500,
  /** Pings, reports, unneeded results and repeated journal messages that a gateway may send in one ping interval. */
  idleMessages: 4000,
  /** Intervals without any message after which a peer is taken for lost. */
  silentIntervals: 3,
} as const;

/** Milliseconds between two pings. */
export const PING_INTERVAL = 2000;
