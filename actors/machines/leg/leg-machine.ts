import { setup } from 'xstate';
import type { MachineEvent } from '../../events/index.ts';
import type { Kind } from '../../runtime/index.ts';
import { does, effectsAreCarriedOutByTheRuntime, rang, type Transition } from '../transition/index.ts';
import {
  initialLeg,
  type LegContext,
  type LegEffect,
  type LegEventType,
  type LegTransition,
} from './leg-context.ts';
import * as dialog from './leg-dialog.ts';
import { mediaStates, portsLost, sealKeys } from './leg-media.ts';
import * as resume from './leg-resume.ts';
import * as session from './leg-session.ts';

const actionFailed: Transition<LegContext, LegEffect, 'ActionFailed'> = (_context, { data }) => ({
  context: { lastFailure: data },
});

/** However it comes to an end. */
const ends = <T extends LegEventType>(decide: LegTransition<T>) => ({
  target: '#leg.ending',
  actions: does(decide),
});

/** The process of its gateway is another one. */
const restarts = (decide: LegTransition<'OwnerRestarted'>, target?: string) => ({
  OwnerRestarted: { target, actions: does(decide) },
});

type EventOf<T extends LegEventType> = { context: LegContext; event: MachineEvent<T> };

/**
 * One endpoint's dialog and its media (leg-media.ts), side by side, from the first INVITE to the last word.
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
          {
            guard: ({ event }: EventOf<'LegRequested'>) => event.data.facts.maxForwards === 0,
            target: 'ending',
            actions: does(dialog.requested, dialog.noHopsLeft),
          },
          { target: '#leg.live.dialog.placing', actions: does(dialog.requested) },
        ],
      },
    },
    live: {
      type: 'parallel',
      on: {
        MediaRefused: ends(dialog.mediaRefused),
        LegAdopted: { actions: does(resume.adopted) },
        KeySealingRequested: { actions: does(sealKeys) },
        LegTaken: ends(resume.taken),
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
                TimerRang: { guard: rang('expires'), ...ends(dialog.expired) },
                DialogFailed: ends(dialog.dialogFailed('offered')),
                HangupRequested: ends(dialog.hangUp('offered')),
                ...restarts(dialog.restarted('offered'), '#leg.ending'),
              },
            },
            ringing: {
              on: {
                TimerRang: { guard: rang('expires'), ...ends(dialog.expired) },
                RingRequested: { actions: does(dialog.ring) },
                SessionChanged: { actions: does(session.earlySessionChanged) },
                // The answer to our offer in a reliable response: early media has somewhere to go.
                AnswerConfirmed: { actions: does(session.confirmed) },
                AnswerRequested: { target: 'connected', actions: does(dialog.answer) },
                CancelReceived: ends(dialog.cancelled),
                DialogFailed: ends(dialog.dialogFailed('offered')),
                HangupRequested: ends(dialog.hangUp('offered')),
                ...restarts(dialog.restarted('offered'), '#leg.ending'),
              },
            },
            placing: {
              on: {
                MediaAllocated: {
                  target: 'inviting',
                  actions: does(dialog.mediaAllocated, dialog.inviteFirstRoute),
                },
                DialogFailed: ends(dialog.dialogFailed('placing')),
                HangupRequested: ends(dialog.hangUp('placing')),
                ...restarts(dialog.restarted('placing'), '#leg.ending'),
              },
            },
            inviting: {
              on: {
                InviteSent: {
                  guard: ({ context, event }: EventOf<'InviteSent'>) => event.data.route === context.route,
                  actions: does(dialog.inviteSent),
                },
                ProgressReceived: { target: '.progressing', actions: does(session.progressed) },
                SessionChanged: { target: '.progressing', actions: does(session.earlySessionChanged) },
                AnswerReceived: {
                  target: '#leg.live.dialog.connected.confirmed',
                  actions: does(session.answered),
                },
                RefusalReceived: [
                  {
                    guard: ({ context, event }: EventOf<'RefusalReceived'>) =>
                      dialog.mayTryElsewhere(context, event.data.status),
                    target: '.trying',
                    actions: does(dialog.inviteNextRoute),
                  },
                  ends(dialog.refused),
                ],
                DialogFailed: [
                  {
                    guard: ({ context }: EventOf<'DialogFailed'>) => dialog.hasAnotherRoute(context),
                    target: '.trying',
                    actions: does(dialog.inviteNextRoute),
                  },
                  ends(dialog.dialogFailed('inviting')),
                ],
                HangupRequested: ends(dialog.hangUp('inviting')),
                ...restarts(dialog.restarted('inviting'), '#leg.ending'),
              },
              initial: 'trying',
              states: {
                trying: {
                  on: { TimerRang: { guard: rang('reply'), actions: does(dialog.abandonSilentRoute) } },
                },
                // Where it rang, a timeout says that nobody answered; another route would ring the same phone.
                progressing: {
                  on: {
                    RefusalReceived: {
                      guard: ({ event }: EventOf<'RefusalReceived'>) => event.data.status === 408,
                      ...ends(dialog.refused),
                    },
                    DialogFailed: ends(dialog.dialogFailed('inviting')),
                  },
                },
              },
            },
            connected: {
              on: {
                AnswerConfirmed: { target: '.confirmed', actions: does(session.confirmed) },
                SessionChanged: { target: '.confirmed', actions: does(session.sessionChanged) },
                SessionOffered: { actions: does(session.sessionOffered) },
                ByeReceived: ends(dialog.peerHungUp),
                CancelReceived: ends(dialog.cancelled),
                DialogFailed: [
                  {
                    guard: ({ context }: EventOf<'DialogFailed'>) => context.resuming,
                    ...ends(resume.notResumed),
                  },
                  ends(dialog.dialogFailed('connected')),
                ],
                HangupRequested: ends(dialog.hangUp('connected')),
                MediaRefused: ends(resume.portsRefused),
              },
              initial: 'answered',
              states: {
                // The peer has not acknowledged our answer yet.
                answered: {
                  on: {
                    AnswerConfirmed: [
                      { guard: session.lacksAnswer, ...ends(dialog.unanswered) },
                      {
                        target: 'confirmed',
                        actions: does(session.confirmed, resume.acknowledgedAgain),
                      },
                    ],
                    ...restarts(resume.resume(false)),
                    MediaAllocated: { actions: does(resume.portsAgain(false)) },
                  },
                },
                confirmed: {
                  on: {
                    ...restarts(resume.resume(true)),
                    MediaAllocated: { actions: does(resume.portsAgain(true)) },
                    SessionRefreshed: { guard: resume.isNews, actions: does(resume.refreshed) },
                  },
                },
              },
            },
          },
        },
        media: {
          ...mediaStates,
          // Taken where the dialog goes on; elsewhere the leg ends.
          on: { ...mediaStates.on, ...restarts(portsLost, '.allocating') },
        },
      },
    },
    ending: {
      on: {
        LegEnded: 'ended',
        LegTaken: { actions: does(resume.taken) },
        ...restarts(dialog.finishAgain),
      },
    },
    ended: { type: 'final' },
  },
});

/** A leg: runs in its region, in streams named `leg-LE…`. */
export const legKind: Kind = { name: 'leg', version: 3, machine };
