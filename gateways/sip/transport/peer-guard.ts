import { BlockList } from 'node:net';
import { evenly, TokenBucket } from '@tandem/actors/bounds';
import { TandemError } from '@tandem/actors/errors';
import {
  DEFAULT_MESSAGES_PER_SECOND,
  familyOf,
  MAX_EXPECTED_PEERS,
  MAX_RATED_SOURCES,
  readNetwork,
  STRANGERS_MESSAGES_PER_SECOND,
} from '../message/index.ts';

/** What holds for a source of messages. */
export interface Peers {
  /** Absent for who is heard only because we have called it. */
  readonly trunk?: string;
  /** Messages a second that one address may send, and the burst that it may send at once; 1 or more. */
  readonly messagesPerSecond?: number;
  /** The name that the certificate of these peers must have, when we connect over TLS to what has no name; their address otherwise. */
  readonly tlsServerName?: string;
}

/** The peers of one trunk. */
export interface TrunkPeers extends Peers {
  readonly trunk: string;
  /** IP addresses and networks in CIDR notation. */
  readonly addresses: readonly string[];
}

/** Who is in no list: somebody whose SIP URI was dialled. */
export const STRANGERS: Peers = { messagesPerSecond: STRANGERS_MESSAGES_PER_SECOND };

/** What one source may still send. */
interface Rated {
  readonly peers: Peers;
  readonly bucket: TokenBucket;
}

interface Listed {
  readonly peers: TrunkPeers;
  readonly list: BlockList;
}

/**
 * Who may talk to us, and how much. A message of a peer that no trunk lists is not even parsed, unless we have called
 * it. Each source address has a token bucket.
 */
export class PeerGuard {
  readonly #trunks: readonly Listed[];
  readonly #everyone = new BlockList();
  /** Addresses in no list that are heard for a while, and how many wait for them. */
  readonly #expected = new Map<string, number>();
  readonly #buckets = new Map<string, Rated>();
  readonly #now: () => number;

  /**
   * @param now milliseconds on a clock that never goes back
   * @throws sip.bad-peer-address
   */
  constructor(trunks: readonly TrunkPeers[], now: () => number = () => performance.now()) {
    this.#now = now;
    this.#trunks = trunks.map((peers) => {
      const list = new BlockList();
      for (const address of peers.addresses) {
        add(list, address, peers.trunk);
        add(this.#everyone, address, peers.trunk);
      }
      return { peers, list };
    });
  }

  /** The trunk that lists an address, the first one when several do; or strangers that are expected. */
  peersAt(address: string): Peers | undefined {
    const peers = this.#peersOf(address);
    return peers !== STRANGERS || this.#expected.has(address) ? peers : undefined;
  }

  /**
   * Hears an address that no trunk lists, too, until what it returns is called once; undefined when it is listed, or
   * when too many are expected.
   */
  expect(address: string): (() => void) | undefined {
    if (familyOf(address) === undefined || this.#peersOf(address) !== STRANGERS) return undefined;
    const count = this.#expected.get(address) ?? 0;
    if (count === 0 && this.#expected.size >= MAX_EXPECTED_PEERS) return undefined;
    this.#expected.set(address, count + 1);
    return () => {
      const left = this.#expected.get(address)! - 1;
      if (left === 0) this.#expected.delete(address);
      else this.#expected.set(address, left);
    };
  }

  #peersOf(address: string): Peers {
    // Who was heard before need not be looked for in the lists.
    const heard = this.#buckets.get(address)?.peers;
    if (heard !== undefined) return heard;
    const family = familyOf(address);
    if (family === undefined || !this.#everyone.check(address, family)) return STRANGERS;
    return this.#trunks.find(({ list }) => list.check(address, family))?.peers ?? STRANGERS;
  }

  /** Takes the right to send one message now: 0, or the milliseconds until the source has it. */
  takeOne(address: string, peers: Peers): number {
    const now = this.#now();
    const { bucket } = this.#ratedOf(address, peers);
    return bucket.take(now) ? 0 : bucket.wait;
  }

  #ratedOf(address: string, peers: Peers): Rated {
    const known = this.#buckets.get(address);
    if (known && this.#buckets.size <= MAX_RATED_SOURCES / 2) return known;
    const perSecond = Math.max(1, peers.messagesPerSecond ?? DEFAULT_MESSAGES_PER_SECOND);
    const rated = known ?? { peers, bucket: new TokenBucket(evenly(perSecond)) };
    // While there are many, the map's order is from the one not heard for longest to the one heard last.
    if (known) this.#buckets.delete(address);
    this.#buckets.set(address, rated);
    if (this.#buckets.size > MAX_RATED_SOURCES) this.#buckets.delete(this.#buckets.keys().next().value!);
    return rated;
  }
}

const add = (list: BlockList, text: string, trunk: string): void => {
  const network = readNetwork(text);
  if (network === undefined) throw new TandemError('sip.bad-peer-address', { trunk, address: text });
  list.addSubnet(network.address, network.prefix, network.family);
};
