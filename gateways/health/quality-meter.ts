import type { BothWays, Quality } from '@tandem/actors/link';
import type { MediaStats } from '../media/index.ts';
import { meanOpinionScore } from '../media/index.ts';

type Counted = Pick<
  MediaStats,
  | 'receivedPackets'
  | 'lost'
  | 'jitter'
  | 'roundTrip'
  | 'sentPackets'
  | 'remoteLost'
  | 'remoteJitter'
  | 'remoteHighest'
>;

/** What is remembered of a session until it is sampled again: its counters, and nothing else of what it said. */
type Counters = Pick<Counted, 'receivedPackets' | 'lost' | 'sentPackets' | 'remoteLost' | 'remoteHighest'>;

const countersOf = ({
  receivedPackets,
  lost,
  sentPackets,
  remoteLost,
  remoteHighest,
}: Counted): Counters => ({
  receivedPackets,
  lost,
  sentPackets,
  remoteLost,
  remoteHighest,
});

interface Stretch {
  readonly packets: number;
  readonly lost: number;
  readonly jitter: number;
  readonly roundTrip?: number;
}

/** Puts what media sessions have counted since they were sampled before together, by group. */
export class QualityMeter {
  #before = new Map<string, Counters>();
  #now = new Map<string, Counters>();
  #groups = new Map<string, { heard: Stretch[]; told: Stretch[] }>();

  /** One session's counters, which only grow. @returns how it did since they were sampled before */
  sample(id: string, group: string, stats: Counted): BothWays {
    this.#now.set(id, countersOf(stats));
    const before = this.#before.get(id);
    const { roundTrip } = stats;
    const into = this.#groups.get(group) ?? { heard: [], told: [] };
    this.#groups.set(group, into);
    const since = (counter: keyof Counters) => (stats[counter] ?? 0) - (before?.[counter] ?? 0);
    const lost = Math.max(0, since('lost'));
    const packets = since('receivedPackets') + lost;
    const heard = packets > 0 ? { packets, lost, jitter: stats.jitter, roundTrip } : undefined;
    if (heard) into.heard.push(heard);
    if (stats.remoteLost === undefined || stats.remoteJitter === undefined) return bothWays(heard, undefined);
    // What the peer expected by the numbers that it saw; the first of its reports tells where it began only.
    const reported =
      stats.remoteHighest === undefined
        ? since('sentPackets')
        : before?.remoteHighest === undefined
          ? 0
          : since('remoteHighest');
    const gone = Math.min(Math.max(0, since('remoteLost')), reported);
    const told =
      reported > 0 ? { packets: reported, lost: gone, jitter: stats.remoteJitter, roundTrip } : undefined;
    if (told) into.told.push(told);
    return bothWays(heard, told);
  }

  /** What was sampled since this was last asked, by group; sessions that were not are forgotten. */
  take(): Map<string, BothWays> {
    const taken = new Map<string, BothWays>();
    for (const [group, { heard, told }] of this.#groups)
      taken.set(group, {
        ...(heard.length > 0 && { heard: together(heard) }),
        ...(told.length > 0 && { told: together(told) }),
      });
    this.#before = this.#now;
    this.#now = new Map();
    this.#groups = new Map();
    return taken;
  }
}

const bothWays = (heard: Stretch | undefined, told: Stretch | undefined): BothWays => ({
  ...(heard && { heard: together([heard]) }),
  ...(told && { told: together([told]) }),
});

/** Each stream counts as much as it has packets. */
function together(stretches: readonly Stretch[]): Quality {
  const packets = stretches.reduce((sum, one) => sum + one.packets, 0);
  const mean = (of: readonly Stretch[], value: (one: Stretch) => number): number =>
    of.reduce((sum, one) => sum + value(one) * one.packets, 0) /
    of.reduce((sum, one) => sum + one.packets, 0);
  const timed = stretches.filter(({ roundTrip }) => roundTrip !== undefined);
  return {
    streams: stretches.length,
    packets,
    loss: stretches.reduce((sum, { lost }) => sum + lost, 0) / packets,
    jitter: mean(stretches, ({ jitter }) => jitter),
    ...(timed.length > 0 && { roundTrip: mean(timed, ({ roundTrip }) => roundTrip!) }),
    mos: mean(stretches, ({ packets: all, lost, jitter, roundTrip }) =>
      meanOpinionScore({ packets: all - lost, lost, jitter, roundTrip }),
    ),
  };
}
