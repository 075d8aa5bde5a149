import { setup } from 'xstate';
import type { MachineEvent } from '../../events/machine-event.ts';
import type { Kind, Timed } from '../../runtime/behaviour.ts';
import { type Decide, does, effectsAreCarriedOutByTheRuntime } from '../decision.ts';

export type GatewayEventType =
  | 'GatewayStarted'
  | 'GatewayDrainRequested'
  | 'GatewayResumed'
  | 'GatewayStopped'
  | 'OwnerRestarted';

export interface GatewayContext extends Timed {
  readonly region: string;
  readonly gateway: string;
  readonly node: string;
  readonly version: string;
  readonly addresses: readonly string[];
  readonly trunks: readonly string[];
  /** Legs that it takes at once. */
  readonly capacity: number;
  readonly startedAt: number;
  /** How often it went away without saying so. */
  readonly crashes: number;
}

type GatewayDecide<T extends GatewayEventType> = Decide<GatewayContext, never, T>;

const started: GatewayDecide<'GatewayStarted'> = (_context, { data, time }) => ({
  context: { ...data, startedAt: time },
});

const crashed: GatewayDecide<'OwnerRestarted'> = ({ crashes }) => ({ context: { crashes: crashes + 1 } });

const initial: GatewayContext = {
  region: '',
  gateway: '',
  node: '',
  version: '',
  addresses: [],
  trunks: [],
  capacity: 0,
  startedAt: 0,
  crashes: 0,
  timers: {},
};

/** One gateway's comings and goings; what it can do is in its context. */
const machine = setup({
  types: { context: {} as GatewayContext, events: {} as MachineEvent<GatewayEventType> },
  actions: effectsAreCarriedOutByTheRuntime,
}).createMachine({
  id: 'gateway',
  context: initial,
  initial: 'down',
  states: {
    down: { on: { GatewayStarted: { target: 'up', actions: does(started) } } },
    up: {
      on: {
        GatewayDrainRequested: 'draining',
        GatewayStopped: 'down',
        OwnerRestarted: { target: 'down', actions: does(crashed) },
      },
    },
    draining: {
      on: {
        GatewayResumed: 'up',
        GatewayStopped: 'down',
        OwnerRestarted: { target: 'down', actions: does(crashed) },
      },
    },
  },
});

/** A gateway: runs in its region, in streams named `gateway-<region>-<gateway>`. */
export const gatewayKind: Kind = { name: 'gateway', version: 1, machine };
