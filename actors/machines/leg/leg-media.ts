import type { MachineEvent } from '../../events/index.ts';
import { isSealed } from '../../secrets/index.ts';
import { does } from '../transition/index.ts';
import type { LegContext, LegEventType, LegTransition } from './leg-context.ts';

const play: LegTransition<'PlayRequested'> = (_context, { data }) => ({
  context: { playing: data, stopping: false },
  effects: [{ type: 'play', ...data }],
});

// What is asked for before there are ports happens when they are there.

const wantPlay: LegTransition<'PlayRequested'> = (_context, { data }) => ({
  context: { playWanted: data },
});

const wantNoPlay: LegTransition<'PlayStopRequested'> = () => ({ context: { playWanted: undefined } });

const playNow: LegTransition<'MediaAllocated'> = ({ playWanted }) => ({
  context: { playWanted: undefined, playing: playWanted, stopping: false },
  effects: [{ type: 'play', ...playWanted! }],
});

const wantDigits: LegTransition<'DigitsRequested'> = ({ digitsWanted = '' }, { data }) => ({
  context: { digitsWanted: digitsWanted + data.digits },
});

const sendDigitsNow: LegTransition<'MediaAllocated'> = ({ digitsWanted }) =>
  digitsWanted === undefined
    ? {}
    : { context: { digitsWanted: undefined }, effects: [{ type: 'sendDigits', digits: digitsWanted }] };

const wantBridge: LegTransition<'BridgeRequested'> = (_context, { data }) => ({
  context: { bridgedTo: data.peer, bridgeHears: data.hears },
});

const wantNoBridge: LegTransition<'UnbridgeRequested'> = () => ({ context: { bridgedTo: undefined } });

const bridgeNow: LegTransition<'MediaAllocated'> = ({ bridgedTo, bridgeHears }) =>
  bridgedTo === undefined ? {} : { effects: [{ type: 'bridge', peer: bridgedTo, hears: bridgeHears }] };

const stopPlay: LegTransition<'PlayStopRequested'> = (_context, { data }) => ({
  context: { stopping: true },
  effects: [{ type: 'stopPlay', playId: data.playId }],
});

const played: LegTransition<'PlayFinished'> = () => ({ context: { playing: undefined } });

const sendDigits: LegTransition<'DigitsRequested'> = (_context, { data }) => ({
  effects: [{ type: 'sendDigits', digits: data.digits }],
});

const bridge: LegTransition<'BridgeRequested'> = (_context, { data }) => ({
  context: { bridgedTo: data.peer, bridgeHears: data.hears },
  effects: [{ type: 'bridge', ...data }],
});

const unbridge: LegTransition<'UnbridgeRequested'> = () => ({
  context: { bridgedTo: undefined },
  effects: [{ type: 'unbridge' }],
});

const latched: LegTransition<'MediaLatched'> = (_context, { data }) => ({ context: { source: data } });

/** For who looks at the leg; the source that was heard is still the one that is. */
const contested: LegTransition<'MediaContested'> = (_context, { data: { address, port } }) => ({
  context: { rival: { address, port } },
});

/**
 * Digits go to the call; the leg only keeps count. Those that came by media have gone to the partner with it; those that
 * came by signalling (SIP INFO) have yet to.
 */
const digit: LegTransition<'DigitReceived'> = ({ digits, bridgedTo }, { data }) => ({
  context: { digits: digits + 1 },
  // Nobody here can read one that is sealed: it is for an application.
  ...(data.source === 'info' &&
    bridgedTo !== undefined &&
    !isSealed(data.digit) && {
      effects: [{ type: 'passKey', to: bridgedTo, digit: data.digit }],
    }),
});

export const sealKeys: LegTransition<'KeySealingRequested'> = (_context, { data: { sealTo, except } }) => {
  const sealing = sealTo && { keys: sealTo.keys, except };
  return { context: { sealing }, effects: [{ type: 'sealKeys', ...(sealing && { sealing }) }] };
};

/** What is done about silence is the call's to decide (requirement G6). */
const silent: LegTransition<'MediaStopped'> = (_context, { data, time }) => ({
  context: { silentSince: time - data.silentFor },
});

/** The ports are gone with the process that had them. What plays will be heard again from its beginning. */
export const portsLost: LegTransition<'OwnerRestarted'> = ({ playing, stopping, playWanted, sealing }) => ({
  context: {
    playWanted: playing === undefined || stopping ? playWanted : playing,
    playing: undefined,
    stopping: false,
  },
  ...(sealing && { effects: [{ type: 'sealKeys', sealing }] }),
});

type EventOf<T extends LegEventType> = { context: LegContext; event: MachineEvent<T> };

/** The media of a leg that lives: it gets ports, then plays, is bridged, or is idle. */
export const mediaStates = {
  initial: 'allocating',
  states: {
    allocating: {
      on: {
        MediaAllocated: [
          {
            guard: ({ context }: EventOf<'MediaAllocated'>) => context.playWanted !== undefined,
            target: 'playing',
            actions: does(bridgeNow, sendDigitsNow, playNow),
          },
          {
            guard: ({ context }: EventOf<'MediaAllocated'>) => context.bridgedTo !== undefined,
            target: 'bridged',
            actions: does(bridgeNow, sendDigitsNow),
          },
          { target: 'idle', actions: does(sendDigitsNow) },
        ],
        PlayRequested: { actions: does(wantPlay) },
        PlayStopRequested: {
          guard: ({ context, event }: EventOf<'PlayStopRequested'>) =>
            context.playWanted?.playId === event.data.playId,
          actions: does(wantNoPlay),
        },
        DigitsRequested: { actions: does(wantDigits) },
        BridgeRequested: { actions: does(wantBridge) },
        UnbridgeRequested: { actions: does(wantNoBridge) },
      },
    },
    idle: {},
    // What is played is heard before a partner is, so a bridge may begin and end meanwhile.
    playing: {
      on: {
        BridgeRequested: { actions: does(bridge) },
        UnbridgeRequested: {
          guard: ({ context }: EventOf<'UnbridgeRequested'>) => context.bridgedTo !== undefined,
          actions: does(unbridge),
        },
        PlayStopRequested: {
          guard: ({ context, event }: EventOf<'PlayStopRequested'>) =>
            context.playing?.playId === event.data.playId,
          actions: does(stopPlay),
        },
        PlayFinished: [
          {
            guard: ({ context, event }: EventOf<'PlayFinished'>) =>
              context.playing?.playId === event.data.playId && context.bridgedTo !== undefined,
            target: 'bridged',
            actions: does(played),
          },
          {
            guard: ({ context, event }: EventOf<'PlayFinished'>) =>
              context.playing?.playId === event.data.playId,
            target: 'idle',
            actions: does(played),
          },
        ],
      },
    },
    bridged: {},
  },
  on: {
    PlayRequested: { target: '.playing', actions: does(play) },
    BridgeRequested: { target: '.bridged', actions: does(bridge) },
    UnbridgeRequested: {
      guard: ({ context }: EventOf<'UnbridgeRequested'>) => context.bridgedTo !== undefined,
      target: '.idle',
      actions: does(unbridge),
    },
    DigitsRequested: { actions: does(sendDigits) },
    DigitReceived: { actions: does(digit) },
    MediaStopped: { actions: does(silent) },
    MediaLatched: { actions: does(latched) },
    MediaContested: { actions: does(contested) },
  },
} as const;
