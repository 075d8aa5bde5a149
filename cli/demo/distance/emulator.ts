import { addressSeenFrom, ownAddress } from './addresses.ts';
import { startAlarm } from './alarm.ts';
import { clock } from './clock.ts';
import type { Conditions, Cut, LinkTraffic } from './conditions.ts';
import { DelayQueue } from './delay-queue.ts';
import { LinkDirection } from './direction.ts';
import { TcpCrossing } from './tcp-crossing.ts';
import { UdpCrossing } from './udp-crossing.ts';

export interface EmulatorOptions {
  /** Names of the regions, the main one first. */
  readonly regions: readonly string[];
  /** 1 to 254; networks with different numbers do not meet. */
  readonly network: number;
  /** With the same seed, the same packets are lost and late. */
  readonly seed: number;
}

/** One direction between two regions, with what crosses there. */
interface Way {
  readonly from: string;
  readonly to: string;
  readonly direction: LinkDirection;
  readonly udp: UdpCrossing;
  readonly tcp: Map<number, TcpCrossing>;
}

/** The space between regions: every way between two of them. Runs in a thread of its own. */
export class Emulator {
  readonly #regions: readonly string[];
  readonly #network: number;
  readonly #queue = new DelayQueue(startAlarm, clock.now);
  readonly #ways = new Map<string, Way>();

  constructor({ regions, network, seed }: EmulatorOptions) {
    this.#regions = regions;
    this.#network = network;
    for (const from of regions)
      for (const to of regions)
        if (from !== to) this.#ways.set(`${from} ${to}`, this.#way(from, to, seed + this.#ways.size));
  }

  /** Has a TCP port of one region reached from another. */
  async openTcp(from: string, to: string, port: number): Promise<void> {
    const way = this.#get(from, to);
    if (way.tcp.has(port)) return;
    const crossing = await TcpCrossing.open({
      seen: { address: this.#seen(from, to), port },
      real: { address: this.#own(to), port },
      there: way.direction,
      back: this.#get(to, from).direction,
      queue: this.#queue,
    });
    way.tcp.set(port, crossing);
  }

  /** Has UDP ports of one region reached from another. */
  async openUdp(from: string, to: string, first: number, last: number): Promise<void> {
    const { udp } = this.#get(from, to);
    for (let port = first; port <= last; port++) await udp.announce(port);
  }

  /** Both directions change. */
  setRoute(one: string, other: string, conditions: Conditions): void {
    for (const { direction } of this.#both(one, other)) direction.conditions = conditions;
  }

  cut(one: string, other: string, how: Cut): void {
    for (const { direction, tcp } of this.#both(one, other)) {
      direction.cut = how;
      if (how === 'reset') for (const crossing of tcp.values()) crossing.reset();
    }
  }

  mend(one: string, other: string): void {
    for (const { direction } of this.#both(one, other)) direction.cut = undefined;
  }

  traffic(): LinkTraffic[] {
    return [...this.#ways.values()].map(({ from, to, direction }) => ({ from, to, ...direction.traffic }));
  }

  resetTraffic(): void {
    for (const { direction } of this.#ways.values()) direction.resetTraffic();
  }

  async close(): Promise<void> {
    await this.#queue.close();
    for (const { tcp, udp } of this.#ways.values())
      await Promise.all([...[...tcp.values()].map((crossing) => crossing.close()), udp.close()]);
  }

  #way(from: string, to: string, seed: number): Way {
    const direction = new LinkDirection(seed);
    const udp = new UdpCrossing({
      sender: this.#own(from),
      receiver: this.#own(to),
      receiverSeen: this.#seen(from, to),
      direction,
      queue: this.#queue,
      back: () => this.#get(to, from).udp,
    });
    return { from, to, direction, udp, tcp: new Map() };
  }

  #get(from: string, to: string): Way {
    return this.#ways.get(`${from} ${to}`)!;
  }

  #both(one: string, other: string): Way[] {
    return [this.#get(one, other), this.#get(other, one)];
  }

  #own(region: string): string {
    return ownAddress(this.#regions.indexOf(region), this.#network);
  }

  #seen(from: string, region: string): string {
    return addressSeenFrom(this.#regions.indexOf(from), this.#regions.indexOf(region), this.#network);
  }
}
