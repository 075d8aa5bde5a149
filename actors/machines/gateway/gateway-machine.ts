import type { GatewayService, GatewayTrunk } from '@tandem/proto/generated/events.ts';
import { setup } from 'xstate';
import type { MachineEvent } from '../../events/index.ts';
import type { Kind, Timed } from '../../runtime/index.ts';
import { does, effectsAreCarriedOutByTheRuntime, type Transition } from '../transition/index.ts';

export type GatewayEventType =
  | 'GatewayStarted'
  | 'GatewayFilled'
  | 'GatewayEased'
  | 'GatewayDrainRequested'
  | 'GatewayResumed'
  | 'TrunkLost'
  | 'TrunkFound'
  | 'GatewayStopped'
  | 'OwnerRestarted';

export interface GatewayContext extends Timed {
  readonly region: string;
  readonly gateway: string;
  readonly node: string;
  readonly version: string;
  readonly addresses: readonly string[];
  readonly kinds: readonly string[];
  readonly codecs: readonly string[];
  readonly trunks: readonly GatewayTrunk[];
  readonly services: readonly GatewayService[];
  /** Legs that it takes at once. */
  readonly capacity: number;
  readonly startedAt: number;
  /** Whether it was told to take nothing new; outlives restarts. */
  readonly draining: boolean;
  /** Trunks whose provider does not answer. */
  readonly lostTrunks: readonly string[];
  /** How often it went away without saying so. */
  readonly crashes: number;
}

/** What a gateway's actor asks of the gateway: to take new legs from now on, or none. */
export type GatewayEffect = { readonly type: 'admit'; readonly open: boolean };

type GatewayTransition<T extends GatewayEventType> = Transition<GatewayContext, GatewayEffect, T>;

// A provider that did not answer the process before is asked anew.
const started: GatewayTransition<'GatewayStarted'> = ({ draining }, { data, time }) => ({
  context: { ...data, startedAt: time, lostTrunks: [] },
  effects: [{ type: 'admit', open: !draining }],
});

const drains: GatewayTransition<'GatewayDrainRequested'> = () => ({
  context: { draining: true },
  effects: [{ type: 'admit', open: false }],
});

const resumed: GatewayTransition<'GatewayResumed'> = () => ({
  context: { draining: false },
  effects: [{ type: 'admit', open: true }],
});

const trunkLost: GatewayTransition<'TrunkLost'> = ({ lostTrunks }, { data }) => ({
  context: { lostTrunks: [...lostTrunks, data.trunk] },
});

const trunkFound: GatewayTransition<'TrunkFound'> = ({ lostTrunks }, { data }) => ({
  context: { lostTrunks: lostTrunks.filter((name) => name !== data.trunk) },
});

const crashed: GatewayTransition<'OwnerRestarted'> = ({ crashes }) => ({ context: { crashes: crashes + 1 } });

const initial: GatewayContext = {
  region: '',
  gateway: '',
  node: '',
  version: '',
  addresses: [],
  kinds: [],
  codecs: [],
  trunks: [],
  services: [],
  capacity: 0,
  startedAt: 0,
  draining: false,
  lostTrunks: [],
  crashes: 0,
  timers: {},
};

const wasDraining = ({ context }: { context: GatewayContext }): boolean => context.draining;

type TrunkEvent = { context: GatewayContext; event: { data: { trunk: string } } };
const isLost = ({ context, event }: TrunkEvent): boolean => context.lostTrunks.includes(event.data.trunk);
const isOurs = ({ context, event }: TrunkEvent): boolean =>
  context.trunks.some(({ name }) => name === event.data.trunk);

/** One gateway's comings and goings; what it can do is in its context. */
const machine = setup({
  types: { context: {} as GatewayContext, events: {} as MachineEvent<GatewayEventType> },
  actions: effectsAreCarriedOutByTheRuntime,
}).createMachine({
  id: 'gateway',
  context: initial,
  initial: 'down',
  states: {
    down: {
      on: {
        GatewayStarted: [
          { guard: wasDraining, target: 'running.draining', actions: does(started) },
          { target: 'running.open', actions: does(started) },
        ],
      },
    },
    running: {
      initial: 'open',
      on: {
        TrunkLost: { guard: (it) => isOurs(it) && !isLost(it), actions: does(trunkLost) },
        TrunkFound: { guard: isLost, actions: does(trunkFound) },
        GatewayStopped: 'down',
        OwnerRestarted: { target: 'down', actions: does(crashed) },
      },
      states: {
        open: {
          on: {
            GatewayFilled: 'full',
            GatewayDrainRequested: { target: 'draining', actions: does(drains) },
          },
        },
        full: {
          on: {
            GatewayEased: 'open',
            GatewayDrainRequested: { target: 'draining', actions: does(drains) },
          },
        },
        // Whether it is full as well is nobody's concern then.
        draining: { on: { GatewayResumed: { target: 'open', actions: does(resumed) } } },
      },
    },
  },
});

/** A gateway: runs in its region, in streams named `gateway-<region>-<gateway>`. */
export const gatewayKind: Kind = { name: 'gateway', version: 2, machine };
