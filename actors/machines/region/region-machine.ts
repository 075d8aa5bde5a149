import type { RegionPeer } from '@tandem/proto/generated/events.ts';
import { setup } from 'xstate';
import type { MachineEvent } from '../../events/index.ts';
import type { Kind, Timed } from '../../runtime/index.ts';
import { does, effectsAreCarriedOutByTheRuntime, type Transition } from '../transition/index.ts';

export type RegionEventType =
  | 'RegionStarted'
  | 'LinkConnected'
  | 'LinkLost'
  | 'PeerConnected'
  | 'PeerLost'
  | 'RegionStopped'
  | 'OwnerRestarted';

export interface RegionContext extends Timed {
  readonly region: string;
  readonly node: string;
  readonly version: string;
  readonly startedAt: number;
  /** What a minute of a call's media here costs us. */
  readonly cost: number;
  /** Regions whose borders ours keeps a stream to. */
  readonly peers: readonly RegionPeer[];
  /** Those that answer, and since when. */
  readonly reached: Readonly<Record<string, number>>;
  /** Main regions to which the link stands, and since when. */
  readonly links: Readonly<Record<string, number>>;
  readonly lastLoss?: { readonly peer: string; readonly code: string; readonly message: string };
}

type RegionTransition<T extends RegionEventType> = Transition<RegionContext, never, T>;

const started: RegionTransition<'RegionStarted'> = (_context, { data, time }) => ({
  context: { ...data, startedAt: time, links: {}, reached: {} },
});

const connected: RegionTransition<'LinkConnected'> = ({ links }, { data, time }) => ({
  context: { links: { ...links, [data.peer]: time } },
});

const lost: RegionTransition<'LinkLost'> = ({ links }, { data }) => {
  const { [data.peer]: _gone, ...rest } = links;
  return { context: { links: rest, lastLoss: data } };
};

const peerConnected: RegionTransition<'PeerConnected'> = ({ reached }, { data, time }) => ({
  context: { reached: { ...reached, [data.peer]: time } },
});

const peerLost: RegionTransition<'PeerLost'> = ({ reached }, { data }) => {
  const { [data.peer]: _gone, ...rest } = reached;
  return { context: { reached: rest } };
};

const gone: RegionTransition<'RegionStopped' | 'OwnerRestarted'> = () => ({
  context: { links: {}, reached: {} },
});

const initial: RegionContext = {
  region: '',
  node: '',
  version: '',
  startedAt: 0,
  cost: 0,
  peers: [],
  reached: {},
  links: {},
  timers: {},
};

type PeerEvent = { context: RegionContext; event: { data: { peer: string } } };
const isKnown = ({ context, event }: PeerEvent): boolean =>
  context.peers.some(({ region }) => region === event.data.peer);
const isReached = ({ context, event }: PeerEvent): boolean => event.data.peer in context.reached;

const isLastLink = ({ context, event }: { context: RegionContext; event: { data: { peer: string } } }) =>
  Object.keys(context.links).every((peer) => peer === event.data.peer);

/** One region, its links and its peers: `connected` to at least one main region, or `alone`, going on with what it has. */
const machine = setup({
  types: { context: {} as RegionContext, events: {} as MachineEvent<RegionEventType> },
  actions: effectsAreCarriedOutByTheRuntime,
}).createMachine({
  id: 'region',
  context: initial,
  initial: 'down',
  states: {
    down: { on: { RegionStarted: { target: 'up', actions: does(started) } } },
    up: {
      initial: 'alone',
      on: {
        LinkConnected: { target: '.connected', actions: does(connected) },
        LinkLost: [{ guard: isLastLink, target: '.alone', actions: does(lost) }, { actions: does(lost) }],
        PeerConnected: { guard: isKnown, actions: does(peerConnected) },
        PeerLost: { guard: isReached, actions: does(peerLost) },
        RegionStopped: { target: 'down', actions: does(gone) },
        OwnerRestarted: { target: 'down', actions: does(gone) },
      },
      states: { alone: {}, connected: {} },
    },
  },
});

/** A region: runs in itself, in the stream `region-<name>`. */
export const regionKind: Kind = { name: 'region', version: 2, machine };
