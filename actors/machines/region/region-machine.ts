import { setup } from 'xstate';
import type { MachineEvent } from '../../events/machine-event.ts';
import type { Kind, Timed } from '../../runtime/behaviour.ts';
import { type Decide, does, effectsAreCarriedOutByTheRuntime } from '../decision.ts';

export type RegionEventType =
  | 'RegionStarted'
  | 'LinkConnected'
  | 'LinkLost'
  | 'RegionStopped'
  | 'OwnerRestarted';

export interface RegionContext extends Timed {
  readonly region: string;
  readonly node: string;
  readonly version: string;
  readonly startedAt: number;
  /** Main regions to which the link stands, and since when. */
  readonly links: Readonly<Record<string, number>>;
  readonly lastLoss?: { readonly peer: string; readonly code: string; readonly message: string };
}

type RegionDecide<T extends RegionEventType> = Decide<RegionContext, never, T>;

const started: RegionDecide<'RegionStarted'> = (_context, { data, time }) => ({
  context: { ...data, startedAt: time, links: {} },
});

const connected: RegionDecide<'LinkConnected'> = ({ links }, { data, time }) => ({
  context: { links: { ...links, [data.peer]: time } },
});

const lost: RegionDecide<'LinkLost'> = ({ links }, { data }) => {
  const { [data.peer]: _gone, ...rest } = links;
  return { context: { links: rest, lastLoss: data } };
};

const gone: RegionDecide<'RegionStopped' | 'OwnerRestarted'> = () => ({ context: { links: {} } });

const initial: RegionContext = { region: '', node: '', version: '', startedAt: 0, links: {}, timers: {} };

const isLastLink = ({ context, event }: { context: RegionContext; event: { data: { peer: string } } }) =>
  Object.keys(context.links).every((peer) => peer === event.data.peer);

/** One region and its links: `connected` to at least one main region, or `alone`, going on with what it has. */
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
        RegionStopped: { target: 'down', actions: does(gone) },
        OwnerRestarted: { target: 'down', actions: does(gone) },
      },
      states: { alone: {}, connected: {} },
    },
  },
});

/** A region: runs in itself, in the stream `region-<name>`. */
export const regionKind: Kind = { name: 'region', version: 1, machine };
