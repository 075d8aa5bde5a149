import { setup } from 'xstate';
import type { MachineEvent } from '../../events/machine-event.ts';
import type { Kind } from '../../runtime/behaviour.ts';
import { type Decide, does, effectsAreCarriedOutByTheRuntime } from '../decision.ts';
import {
  initialLeg,
  type LegContext,
  type LegDecide,
  type LegEffect,
  type LegEventType,
} from './leg-context.ts';
import * as dialog from './leg-dialog.ts';
import * as media from './leg-media.ts';

const actionFailed: Decide<LegContext, LegEffect, 'ActionFailed'> = (_context, { data }) => ({
  context: { lastFailure: data },
});

/** However it comes to an end. */
const ends = <T extends LegEventType>(decide: LegDecide<T>) => ({
  target: '#leg.ending',
  actions: does(decide),
});

type EventOf<T extends LegEventType> = { context: LegContext; event: MachineEvent<T> };

/**
 * One endpoint's dialog and its media, side by side, from the first INVITE to the last word.
 *
 * The dialog is one of ours towards the peer (`placing`, `inviting`, `progressing`) or the peer's towards us
 * (`offered`, `ringing`), then `connected`; the media gets ports, then plays, is bridged, or is idle. However a
 * leg ends, it passes `ending`, where everything is given back, and its last event is `LegEnded`.
 */
const machine = setup({
  types: { context: {} as LegContext, events: {} as MachineEvent<LegEventType> },
  actions: effectsAreCarriedOutByTheRuntime,
}).createMachine({
  id: 'leg',
  context: initialLeg,
  initial: 'new',
  on: { ActionFailed: { actions: does(actionFailed) } },
  states: {
    new: {
      on: {
        LegOffered: { target: '#leg.live', actions: does(dialog.offered) },
        LegRequested: [
          {
            guard: ({ event }: EventOf<'LegRequested'>) => event.data.routes.length === 0,
            target: 'ending',
            actions: does(dialog.requested, dialog.noRoute),
          },
          { target: '#leg.live.dialog.placing', actions: does(dialog.requested) },
        ],
      },
    },
    live: {
      type: 'parallel',
      on: {
        MediaRefused: ends(dialog.mediaRefused),
        DialogFailed: ends(dialog.dialogFailed),
      },
      states: {
        dialog: {
          initial: 'offered',
          states: {
            offered: {
              on: {
                MediaAllocated: [
                  {
                    guard: ({ context }: EventOf<'MediaAllocated'>) => context.answerWanted,
                    target: 'connected',
                    actions: does(dialog.mediaAllocated, dialog.answer),
                  },
                  {
                    guard: ({ context }: EventOf<'MediaAllocated'>) => context.ringWanted !== undefined,
                    target: 'ringing',
                    actions: does(dialog.mediaAllocated, dialog.ringNow),
                  },
                  { actions: does(dialog.mediaAllocated) },
                ],
                RingRequested: [
                  {
                    guard: ({ context }: EventOf<'RingRequested'>) => context.media === undefined,
                    actions: does(dialog.wantRing),
                  },
                  { target: 'ringing', actions: does(dialog.ring) },
                ],
                AnswerRequested: [
                  {
                    guard: ({ context }: EventOf<'AnswerRequested'>) => context.media === undefined,
                    actions: does(dialog.wantAnswer),
                  },
                  { target: 'connected', actions: does(dialog.answer) },
                ],
                CancelReceived: ends(dialog.cancelled),
                HangupRequested: ends(dialog.hangUp('offered')),
                OwnerRestarted: ends(dialog.restarted('offered')),
              },
            },
            ringing: {
              on: {
                RingRequested: { actions: does(dialog.ring) },
                AnswerRequested: { target: 'connected', actions: does(dialog.answer) },
                CancelReceived: ends(dialog.cancelled),
                HangupRequested: ends(dialog.hangUp('offered')),
                OwnerRestarted: ends(dialog.restarted('offered')),
              },
            },
            placing: {
              on: {
                MediaAllocated: {
                  target: 'inviting',
                  actions: does(dialog.mediaAllocated, dialog.inviteFirstRoute),
                },
                HangupRequested: ends(dialog.hangUp('placing')),
                OwnerRestarted: ends(dialog.restarted('placing')),
              },
            },
            inviting: {
              on: {
                ProgressReceived: { target: '.progressing', actions: does(dialog.progressed) },
                AnswerReceived: { target: 'connected', actions: does(dialog.answered) },
                RefusalReceived: [
                  {
                    guard: ({ context, event }: EventOf<'RefusalReceived'>) =>
                      dialog.mayTryElsewhere(context, event.data.status),
                    target: '.trying',
                    actions: does(dialog.inviteNextRoute),
                  },
                  ends(dialog.refused),
                ],
                HangupRequested: ends(dialog.hangUp('inviting')),
                OwnerRestarted: ends(dialog.restarted('inviting')),
              },
              initial: 'trying',
              states: { trying: {}, progressing: {} },
            },
            connected: {
              on: {
                AnswerConfirmed: { target: '.confirmed', actions: does(dialog.confirmed) },
                SessionChanged: { target: '.confirmed', actions: does(dialog.sessionChanged) },
                ByeReceived: ends(dialog.peerHungUp),
                CancelReceived: ends(dialog.cancelled),
                HangupRequested: ends(dialog.hangUp('connected')),
                OwnerRestarted: ends(dialog.restarted('connected')),
              },
              initial: 'answered',
              states: { answered: {}, confirmed: {} },
            },
          },
        },
        media: {
          initial: 'allocating',
          states: {
            allocating: {
              on: {
                MediaAllocated: [
                  {
                    guard: ({ context }: EventOf<'MediaAllocated'>) => context.playWanted !== undefined,
                    target: 'playing',
                    actions: does(media.playNow),
                  },
                  { target: 'idle' },
                ],
                PlayRequested: { actions: does(media.wantPlay) },
              },
            },
            idle: {},
            playing: {
              on: {
                PlayStopRequested: {
                  guard: ({ context, event }: EventOf<'PlayStopRequested'>) =>
                    context.playing === event.data.playId,
                  actions: does(media.stopPlay),
                },
                PlayFinished: [
                  {
                    guard: ({ context, event }: EventOf<'PlayFinished'>) =>
                      context.playing === event.data.playId && context.bridgedTo !== undefined,
                    target: 'bridged',
                    actions: does(media.played),
                  },
                  {
                    guard: ({ context, event }: EventOf<'PlayFinished'>) =>
                      context.playing === event.data.playId,
                    target: 'idle',
                    actions: does(media.played),
                  },
                ],
              },
            },
            bridged: {
              on: {
                PlayFinished: {
                  guard: ({ context, event }: EventOf<'PlayFinished'>) =>
                    context.playing === event.data.playId,
                  actions: does(media.played),
                },
              },
            },
          },
          on: {
            PlayRequested: { target: '.playing', actions: does(media.play) },
            BridgeRequested: { target: '.bridged', actions: does(media.bridge) },
            UnbridgeRequested: {
              guard: ({ context }: EventOf<'UnbridgeRequested'>) => context.bridgedTo !== undefined,
              target: '.idle',
              actions: does(media.unbridge),
            },
            DigitsRequested: { actions: does(media.sendDigits) },
            DigitReceived: { actions: does(media.digit) },
            MediaStopped: { actions: does(media.silent) },
            MediaLatched: { actions: does(media.latched) },
          },
        },
      },
    },
    ending: {
      on: {
        LegEnded: 'ended',
        OwnerRestarted: { actions: does(dialog.restarted('over')) },
      },
    },
    ended: { type: 'final' },
  },
});

/** A leg: runs in its region, in streams named `leg-LE…`. */
export const legKind: Kind = { name: 'leg', version: 1, machine };
