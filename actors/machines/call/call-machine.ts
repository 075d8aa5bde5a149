import type { Kind } from '../../runtime/index.ts';
import { answeredTooLate, nextIs, type Verb, verbs } from '../../verbs/index.ts';
import {
  adoption,
  asking,
  type CallGuardArgs,
  type CallStep,
  type CallTransition,
  caller,
  callSetup,
  document,
  ending,
  initialCall,
  isCaller,
  isHere,
  making,
  mayReview,
  review,
  sealKeys,
  sealKeysAgain,
  speechElsewhere,
} from '../execution/index.ts';
import { does, rang, withTimer } from '../transition/index.ts';
import { gatewayLost } from './gateway-lost.ts';
import * as resume from './resume.ts';

const received: CallTransition<'CallReceived'> = (_context, { data, time }) => {
  const { callSid, accountSid = '', from, to, facts, application, router = '' } = data;
  const { legId, region, gateway, codecs, ringsWhenAsked } = data;
  const [codec] = codecs;
  return {
    context: {
      callSid,
      accountSid,
      from,
      to,
      facts,
      application,
      router,
      ...(ringsWhenAsked && { ringsWhenAsked }),
      caller: legId,
      legs: {
        [legId]: { region, gateway, to, status: 'requested', ...(codec !== undefined && { codec }) },
      },
      startedAt: time,
      timers: withTimer({}, 'limit', time + ending.LONGEST_CALL),
    },
  };
};

const fetchFirst: CallTransition<'CallReceived'> = (context, event) => {
  const { voiceUrl: url, voiceMethod: method } = event.data.application!;
  return document.fetchDocument(context, event, { url, method });
};

const noteFailure: CallTransition<'ActionFailed'> = (_context, { data }) => ({
  context: { lastFailure: { code: data.code, message: data.message } },
});

const takeNext: CallStep = ({ next }) => ({ context: { next: next + 1 } });

/** What the gateway before was told may not have come to the leg. */
const sealCallersKeysAgain: CallTransition<'CallLegMoved'> = (context, { data }) =>
  data.legId === context.caller ? { effects: sealKeysAgain(context) } : {};

const isLegHere = ({ context, event }: CallGuardArgs<'CallLegMoved'>): boolean =>
  isHere(context, event.data.legId);

/** From `next` into the states of the verb whose instruction it is. */
const beginnings = verbs.flatMap(({ name, beginnings }) =>
  beginnings.map(({ guard, target, steps = [] }) => ({
    guard: (args: CallGuardArgs): boolean => nextIs(name)(args) && (guard?.(args) ?? true),
    target,
    actions: does(takeNext, sealKeys, ...steps),
  })),
);

const verbStates = Object.assign({}, ...verbs.map(({ states }) => states)) as NonNullable<Verb['states']>;

/**
 * One execution of an application: documents are fetched, their instructions carried out in turn, and legs
 * commanded, until nothing is left to do or the caller goes. However it ends, every leg is hung up and has left
 * before `CallEnded`.
 */
const machine = callSetup.createMachine({
  id: 'call',
  context: initialCall,
  initial: 'new',
  on: {
    ActionFailed: { actions: does(noteFailure) },
    CallLegLeft: { actions: does(ending.legLeft) },
    CallLegAnswered: { actions: does(answeredTooLate) },
    MediaPathChosen: { guard: asking.isAsked, actions: does(making.chosen) },
    MediaPathRefused: { guard: asking.isAsked, actions: does(asking.refused) },
    MediaPathReviewRequested: { guard: mayReview, actions: does(review) },
    CallPipeOpened: { guard: making.isOfNext, actions: does(making.pipeOpened) },
    CallPipeConnected: { guard: making.isOfNext, actions: does(making.pipeConnected) },
    CallPipeLeft: [
      { guard: making.isOfNext, actions: does(making.nextFailed) },
      { guard: making.isOfPath, actions: does(making.pathBroke) },
    ],
    CallGatewayLost: { actions: does(gatewayLost) },
    CallLegAdopterChosen: { guard: adoption.isOrphan, actions: does(adoption.adopterChosen) },
    CallLegNotAdopted: [
      { guard: adoption.isRefusedByAdopter, actions: does(adoption.adopterRefused) },
      { guard: adoption.isOrphan, actions: does(adoption.notAdopted) },
    ],
    CallLegMoved: { guard: isLegHere, actions: does(adoption.legMoved, sealCallersKeysAgain) },
  },
  states: {
    new: {
      on: {
        CallReceived: [
          {
            guard: ({ event }: CallGuardArgs<'CallReceived'>) => event.data.refused !== undefined,
            target: 'ending',
            actions: does(received, ending.refuseCall),
          },
          {
            guard: ({ event }: CallGuardArgs<'CallReceived'>) => event.data.application === undefined,
            target: 'ending',
            actions: does(received, ending.rejectUnknown),
          },
          { target: 'running.fetching', actions: does(received, fetchFirst) },
        ],
      },
    },
    running: {
      initial: 'fetching',
      on: {
        CallLegLeft: [
          { guard: isCaller, target: 'ending', actions: does(ending.legLeft, ending.callerLeft) },
          { actions: does(ending.legLeft) },
        ],
        CallLegMediaStopped: { guard: isCaller, target: 'ending', actions: does(ending.callerSilent) },
        CallHangupRequested: { target: 'ending', actions: does(ending.hangUpByRequest) },
        OwnerRestarted: { guard: resume.isOwner, actions: does(resume.resume) },
        CallTakenOver: { guard: resume.isHandedOver, actions: does(resume.takenOver, resume.resume) },
        TimerRang: { guard: rang('limit'), target: 'ending', actions: does(ending.lastedTooLong) },
      },
      states: {
        fetching: {
          on: {
            ActionFailed: {
              guard: document.requestFailed,
              target: 'apologizing',
              actions: does(noteFailure),
            },
            DocumentFetched: {
              guard: document.isCurrentRequest,
              target: 'next',
              actions: does(document.fetched),
            },
            DocumentFailed: [
              { guard: document.hasFallback, actions: does(document.fetchFallback) },
              {
                guard: document.isCurrentRequest,
                target: 'apologizing',
                actions: does(document.documentFailed),
              },
            ],
          },
        },
        next: {
          always: [
            { guard: document.isEndless, target: 'apologizing', actions: does(document.giveUp) },
            { guard: document.isTooMuch, target: 'apologizing', actions: does(document.giveUpStoring) },
            ...beginnings,
            { target: '#call.ending', actions: does(ending.hangUp) },
          ],
        },
        ...verbStates,
        apologizing: {
          entry: does(caller.answerCaller, ending.apologize),
          on: {
            CallPlayFinished: [
              speechElsewhere,
              {
                guard: caller.isCurrentPlay,
                target: '#call.ending',
                actions: does(caller.played, ending.apologized),
              },
            ],
          },
        },
      },
    },
    ending: {
      always: { guard: ending.allLeft, target: 'concluding' },
      on: {
        TimerRang: { guard: rang('goodbye'), target: 'concluding' },
        CallLegMoved: { guard: isLegHere, actions: does(adoption.placeMoved, ending.hangUpAgain) },
        OwnerRestarted: { guard: resume.isOwner, actions: does(ending.hangUpAgain) },
        CallTakenOver: { guard: resume.isHandedOver, actions: does(resume.takenOver, ending.hangUpAgain) },
      },
    },
    concluding: {
      entry: does(ending.conclude),
      on: {
        CallEnded: { target: 'ended', actions: does(ending.ended) },
        OwnerRestarted: { guard: resume.isOwner, target: 'concluding', reenter: true },
        CallTakenOver: {
          guard: resume.isHandedOver,
          target: 'concluding',
          reenter: true,
          actions: does(resume.takenOver),
        },
      },
    },
    ended: { type: 'final' },
  },
});

/** A call: runs in a main region, in streams named `call-CA…`. */
export const callKind: Kind = { name: 'call', version: 2, machine };
