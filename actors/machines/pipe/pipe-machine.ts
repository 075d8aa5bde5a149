import { setup } from 'xstate';
import type { MachineEvent } from '../../events/index.ts';
import type { Kind } from '../../runtime/index.ts';
import { mediaStates } from '../leg/index.ts';
import { asEndReason, does, type End, effectsAreCarriedOutByTheRuntime } from '../transition/index.ts';
import { initialPipe, type PipeContext, type PipeEventType, type PipeTransition } from './pipe-context.ts';

const requested: PipeTransition<'PipeRequested'> = (_context, { data }) => ({
  context: data,
  effects: [
    {
      type: 'open',
      codec: data.codec,
      towards: data.towards,
      ...(data.sealTo && { sealTo: data.sealTo.keys }),
    },
  ],
});

const opened: PipeTransition<'PipeOpened'> = (_context, { data }) => ({ context: { ours: data.end } });

const connect: PipeTransition<'PipeConnectRequested'> = ({ towards }, { data }) => ({
  context: { peer: data.peer },
  effects: [{ type: 'connect', peer: data.peer, towards }],
});

const actionFailed: PipeTransition<'ActionFailed'> = (_context, { data }) => ({
  context: { lastFailure: data },
});

const close = (end: End) => ({ context: { end }, effects: [{ type: 'close' as const, end }] });

const refused: PipeTransition<'PipeRefused'> = (_context, { data }) =>
  close({ reason: 'media-failed', detail: data.message, by: 'gateway' });

const endAsked: PipeTransition<'PipeEndRequested'> = (_context, { data }) =>
  close({ reason: asEndReason(data.reason), detail: data.detail, by: 'router' });

/** Its keys and its port went with the process; whoever needs a way for the media asks for another pipe. */
const restarted: PipeTransition<'OwnerRestarted'> = (_context, { data }) =>
  close({ reason: 'restarted', detail: `${data.node} was restarted`, by: 'gateway' });

const closeAgain: PipeTransition<'OwnerRestarted'> = ({ end }) => close(end!);

const isAnotherPeer = ({
  context,
  event,
}: {
  context: PipeContext;
  event: MachineEvent<'PipeConnectRequested'>;
}): boolean => context.peer?.srtpKey !== event.data.peer.srtpKey;

/** What is asked of the media before there is a port waits for it, as on a leg; only the event's name differs. */
const { MediaAllocated: hasPort, ...mayWait } = mediaStates.states.allocating.on;
const media = {
  ...mediaStates,
  states: { ...mediaStates.states, allocating: { on: { ...mayWait, PipeOpened: hasPort } } },
};

/**
 * One end of a pipe: a way for the media of one call between two gateways. It is opened, told where the other end
 * is, and carries packets until its call has no use for it, or its process goes away.
 */
const machine = setup({
  types: { context: {} as PipeContext, events: {} as MachineEvent<PipeEventType> },
  actions: effectsAreCarriedOutByTheRuntime,
}).createMachine({
  id: 'pipe',
  context: initialPipe,
  initial: 'new',
  on: { ActionFailed: { actions: does(actionFailed) } },
  states: {
    new: { on: { PipeRequested: { target: 'live', actions: does(requested) } } },
    live: {
      type: 'parallel',
      on: {
        PipeRefused: { target: 'ending', actions: does(refused) },
        PipeEndRequested: { target: 'ending', actions: does(endAsked) },
        OwnerRestarted: { target: 'ending', actions: does(restarted) },
      },
      states: {
        link: {
          initial: 'opening',
          states: {
            opening: { on: { PipeOpened: { target: 'open', actions: does(opened) } } },
            open: { on: { PipeConnectRequested: { target: 'connecting', actions: does(connect) } } },
            connecting: { on: { PipeConnected: 'connected' } },
            connected: {
              on: {
                PipeConnectRequested: {
                  guard: isAnotherPeer,
                  target: 'connecting',
                  actions: does(connect),
                },
              },
            },
          },
        },
        media: media as never, // typed for legs; it reads nothing of a leg that a pipe has not
      },
    },
    ending: {
      on: { PipeEnded: 'ended', OwnerRestarted: { actions: does(closeAgain) } },
    },
    ended: { type: 'final' },
  },
});

/** One end of a pipe: runs in its region, in streams named `pipe-PI…`. */
export const pipeKind: Kind = { name: 'pipe', version: 1, machine };
