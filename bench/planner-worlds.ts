import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Network } from '@tandem/actors/routing/network';
import { plannedNetwork } from '@tandem/actors/routing/network';
import type { GatewayRequest, PathRequest, RouterRequest } from '@tandem/actors/routing/question';

/** Pseudo-random numbers from 0 to 1 (mulberry32): the same for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

type RoundTrips = (from: string, to: string) => number;

/** Ten regions of a public cloud with the round trips between them that it published. */
export function publishedWorld(random: () => number): Network {
  const [header, ...rows] = readFileSync(join(import.meta.dirname, 'region-rtt.csv'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(','));
  const names = header!.slice(1);
  const rtt: RoundTrips = (from, to) => Number(rows[names.indexOf(from)]![names.indexOf(to) + 1]);
  return worldOf(names, rtt, random);
}

/** Regions at random places of a globe, 150 ms of round trip at most apart by light in glass. */
export function randomWorld(count: number, random: () => number): Network {
  const places = new Map(
    Array.from({ length: count }, (_, index) => {
      const [height, angle] = [2 * random() - 1, 2 * Math.PI * random()];
      const radius = Math.sqrt(1 - height ** 2);
      return [`r${index}`, [radius * Math.cos(angle), radius * Math.sin(angle), height] as const];
    }),
  );
  const detour = new Map([...places.keys()].map((name) => [name, 1 + random() / 2]));
  const rtt: RoundTrips = (from, to) => {
    const [a, b] = [places.get(from)!, places.get(to)!];
    const cosine = a.reduce((sum, value, axis) => sum + value * b[axis]!, 0);
    const straight = (Math.acos(Math.max(-1, Math.min(1, cosine))) / Math.PI) * 200;
    return Math.round(2 + straight * Math.max(detour.get(from)!, detour.get(to)!));
  };
  return worldOf([...places.keys()], rtt, random);
}

/** Two gateways a region, loads at random, services in some of the regions. */
function worldOf(names: readonly string[], rtt: RoundTrips, random: () => number): Network {
  const within = (most: number): number => Math.floor(random() * most);
  const services = ['transcoding', 'recording', 'speech'];
  return plannedNetwork({
    regions: names.map((name, index) => ({
      name,
      cost: within(4) / 1_000,
      routers: index % 3 === 0 ? [{ name: 'router-1', calls: within(900) }, { name: 'router-2' }] : [],
      gateways: ['gw1', 'gw2'].map((gateway) => ({
        name: gateway,
        legs: within(1_000),
        draining: random() < 0.05,
        trunks: [
          { name: 'carrier', prefixes: ['', ...(random() < 0.2 ? ['+49'] : [])], cost: within(20) / 1_000 },
        ],
      })),
      services: services
        .filter((_, place) => index === 0 || (index + place) % 3 === 0 || random() < 0.2)
        .map((service) => ({
          name: service,
          gateway: random() < 0.5 ? 'gw1' : 'gw2',
          load: within(110),
          capacity: 100,
        })),
    })),
    routes: names.flatMap((from) =>
      names
        .filter((to) => to > from)
        .map((to) => ({
          from,
          to,
          rtt: rtt(from, to),
          jitter: within(30) / 10,
          cost: within(10) / 1_000,
          loss: random() < 0.2 ? within(20) / 1_000 : 0,
          poor: random() < 0.03,
          measured: true,
        })),
    ),
  });
}

export interface Call {
  readonly router: RouterRequest;
  readonly gateway: GatewayRequest;
  readonly path: PathRequest;
}

/** What one call in eight needs, and what one in eight has no codec in common for. */
const NEEDS: PathRequest['needs'] = [{ service: 'recording', kind: 'side' }];

/** A call: from a random region, half of them to the same, the others to any. */
export function randomCall(network: Network, index: number, random: () => number): Call {
  const places = network.regions.flatMap(({ name, gateways }) =>
    gateways.map((gateway) => ({ region: name, gateway: gateway.name })),
  );
  const pick = (): (typeof places)[number] => places[Math.floor(random() * places.length)]!;
  const here = pick();
  const there = random() < 0.5 ? { region: here.region, gateway: random() < 0.5 ? 'gw1' : 'gw2' } : pick();
  const kind = Math.floor(random() * 8);
  const subject = {
    callSid: `CA${index}`,
    accountSid: random() < 0.5 ? 'AC1' : 'AC2',
    from: '+15550111',
    to: '+15550100',
    direction: 'inbound' as const,
    time: 1.8e12 + index * 100,
  };
  const codecs = (other: boolean): string[] => (other ? ['opus'] : ['PCMU', 'PCMA']);
  return {
    router: { ...subject, region: here.region },
    gateway: {
      ...subject,
      to: random() < 0.2 ? '+4930123' : '+15550100',
      near: { ...here, codecs: ['PCMU'] },
    },
    path: {
      ...subject,
      legs: [
        { ...here, legId: 'LE1', mediaTypes: ['audio'], codecs: codecs(kind === 0) },
        { ...there, legId: 'LE2', mediaTypes: ['audio'], codecs: codecs(false) },
      ],
      needs: kind === 1 ? NEEDS : [],
    },
  };
}
