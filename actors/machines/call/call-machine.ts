import { setup } from 'xstate';
import type { MachineEvent } from '../../events/index.ts';
import type { Kind } from '../../runtime/index.ts';
import { does, effectsAreCarriedOutByTheRuntime, rang, withTimer } from '../transition/index.ts';
import * as adoption from './adoption.ts';
import {
  type CallContext,
  type CallDecide,
  type CallEventType,
  type CallStep,
  current,
  currentInstruction,
  initialCall,
  isAnswered,
  isHere,
} from './call-context.ts';
import * as media from './call-media.ts';
import * as caller from './caller.ts';
import * as dial from './dial.ts';
import * as dialEnd from './dial-end.ts';
import * as document from './document.ts';
import * as ending from './ending.ts';
import { gatewayLost } from './gateway-lost.ts';
import * as gather from './gather.ts';
import * as asking from './media-asking.ts';
import * as making from './media-making.ts';
import { mayReview, review } from './media-review.ts';
import * as resume from './resume.ts';
import { sealKeys, sealKeysAgain } from './sealed-keys.ts';
import * as speak from './speak.ts';

type Args<T extends CallEventType = CallEventType> = { context: CallContext; event: MachineEvent<T> };

const received: CallDecide<'CallReceived'> = (_context, { data, time }) => {
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

const fetchFirst: CallDecide<'CallReceived'> = (context, event) => {
  const { voiceUrl: url, voiceMethod: method } = event.data.application!;
  return document.fetchDocument(context, event, { url, method });
};

const noteFailure: CallDecide<'ActionFailed'> = (_context, { data }) => ({
  context: { lastFailure: { code: data.code, message: data.message } },
});

const redirect: CallStep = (context, event) =>
  document.fetchDocument(context, event, current(context, 'redirect'));

/** Say, Play, and the keys that Play sends. */
const speakVerb: CallStep = (context, { id }) => speak.speak(context, id, currentInstruction(context)!);

const reject: CallStep = (context, event) => {
  const busy = current(context, 'reject').reason === 'busy';
  const decision = ending.hangUp(context, event);
  return {
    context: { ...decision.context, end: { reason: busy ? 'busy' : 'rejected', by: 'router' } },
    effects: caller.hangUpLegs(context, [context.caller], busy ? 'busy' : 'rejected'),
  };
};

const takeNext: CallStep = ({ next }) => ({ context: { next: next + 1 } });

/** Guard: the next instruction is of this verb. */
const nextIs =
  (verb: string) =>
  ({ context }: { context: CallContext }): boolean =>
    verb in (context.instructions[context.next] ?? {});

/** Guard: a Dial is next, for a call that may not go on and that can still be refused. */
const mayNotDial = (args: { context: CallContext }): boolean =>
  nextIs('dial')(args) && !dial.mayGoOn(args.context) && !isAnswered(args.context);

/** What the caller's gateway cannot say is said from another place, and waited for as before. */
const speechElsewhere = { guard: asking.needsSpeechElsewhere, actions: does(asking.askForSpeech) };

/** What the gateway before was told may not have come to the leg. */
const sealCallersKeysAgain: CallDecide<'CallLegMoved'> = (context, { data }) =>
  data.legId === context.caller ? { effects: sealKeysAgain(context) } : {};

const isLegHere = ({ context, event }: Args<'CallLegMoved'>): boolean => isHere(context, event.data.legId);

const isCaller = ({ context, event }: Args<'CallLegLeft' | 'CallLegMediaStopped'>): boolean =>
  event.data.legId === context.caller;

/**
 * One execution of an application: documents are fetched, their instructions carried out in turn, and legs
 * commanded, until nothing is left to do or the caller goes. However it ends, every leg is hung up and has left
 * before `CallEnded`.
 */
const machine = setup({
  types: { context: {} as CallContext, events: {} as MachineEvent<CallEventType> },
  actions: effectsAreCarriedOutByTheRuntime,
}).createMachine({
  id: 'call',
  context: initialCall,
  initial: 'new',
  on: {
    ActionFailed: { actions: does(noteFailure) },
    CallLegLeft: { actions: does(ending.legLeft) },
    CallLegAnswered: { actions: does(dial.answeredTooLate) },
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
            guard: ({ event }: Args<'CallReceived'>) => event.data.refused !== undefined,
            target: 'ending',
            actions: does(received, ending.refuseCall),
          },
          {
            guard: ({ event }: Args<'CallReceived'>) => event.data.application === undefined,
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
            { guard: nextIs('say'), target: 'speaking', actions: does(takeNext, sealKeys) },
            { guard: nextIs('play'), target: 'speaking', actions: does(takeNext, sealKeys) },
            { guard: nextIs('pause'), target: 'pausing', actions: does(takeNext, sealKeys) },
            { guard: nextIs('gather'), target: 'gathering', actions: does(takeNext, sealKeys) },
            {
              guard: mayNotDial,
              target: '#call.ending',
              actions: does(takeNext, sealKeys, ending.refuseHop),
            },
            { guard: nextIs('dial'), target: 'dialling', actions: does(takeNext, sealKeys) },
            { guard: nextIs('redirect'), target: 'fetching', actions: does(takeNext, sealKeys, redirect) },
            { guard: nextIs('reject'), target: '#call.ending', actions: does(takeNext, sealKeys, reject) },
            { target: '#call.ending', actions: does(ending.hangUp) },
          ],
        },
        speaking: {
          entry: does(caller.answerCaller, speakVerb),
          on: {
            CallPlayFinished: [
              speechElsewhere,
              { guard: caller.isCurrentPlay, target: 'next', actions: does(caller.played) },
            ],
          },
        },
        pausing: {
          entry: does(speak.pause),
          exit: does(caller.clearTimer('pause')),
          on: { TimerRang: { guard: rang('pause'), target: 'next' } },
        },
        gathering: {
          entry: does(caller.answerCaller, gather.startGather),
          exit: does(gather.endGather),
          initial: 'starting',
          on: {
            CallDigitPressed: [
              {
                guard: gather.completesGather,
                target: '.complete',
                actions: does(gather.addDigit, caller.stopPlaying),
              },
              {
                guard: gather.isCallersKey,
                target: '.waiting',
                actions: does(gather.addDigit, caller.stopPlaying),
              },
            ],
          },
          states: {
            starting: { always: [{ guard: gather.hasPrompts, target: 'prompting' }, { target: 'waiting' }] },
            prompting: {
              entry: does(gather.prompt),
              on: {
                CallPlayFinished: [
                  speechElsewhere,
                  {
                    guard: (args: Args<'CallPlayFinished'>) =>
                      caller.isCurrentPlay(args) && gather.hasPrompts(args),
                    target: 'prompting',
                    reenter: true,
                    actions: does(caller.played),
                  },
                  { guard: caller.isCurrentPlay, target: 'waiting', actions: does(caller.played) },
                ],
              },
            },
            waiting: {
              entry: does(gather.waitForKey),
              on: { TimerRang: { guard: rang('gather'), target: 'complete' } },
            },
            complete: {
              always: [
                {
                  guard: gather.hasResult,
                  target: '#call.running.fetching',
                  actions: does(gather.sendResult),
                },
                { target: '#call.running.next' },
              ],
            },
          },
        },
        dialling: {
          initial: 'starting',
          exit: does(dialEnd.clearTimers),
          states: {
            starting: {
              entry: does(dial.startDial),
              always: [
                { guard: dial.hasNobody, target: 'over' },
                {
                  guard: ({ context }) => current(context, 'dial').answerOnBridge,
                  target: 'ringing',
                  actions: does(dial.ringAtOnce),
                },
                { target: 'ringing', actions: does(caller.answerCaller, dial.ringAtOnce) },
              ],
            },
            ringing: {
              on: {
                CallLegPlaced: { guard: dial.isBeingPlaced, actions: does(dial.legPlaced) },
                CallLegUnplaced: { guard: dial.isRequested, actions: does(dial.legUnplaced) },
                CallLegInvited: { guard: dial.isFirstAsked, actions: does(dial.calleeAsked) },
                CallLegRinging: { guard: dial.mayAnswer, actions: does(dial.calleeRings) },
                CallLegAnswered: {
                  guard: dial.mayAnswer,
                  target: 'talking',
                  actions: does(caller.stopPlaying, caller.answerCaller, dial.calleeAnswers),
                },
                CallLegLeft: [
                  {
                    guard: isCaller,
                    target: '#call.ending',
                    actions: does(ending.legLeft, ending.callerLeft),
                  },
                  {
                    guard: (args: Args<'CallLegLeft'>) => dial.isPendingLeg(args) && dial.noneLeft(args),
                    target: 'over',
                    actions: does(ending.legLeft, dial.pendingLegLeft, caller.stopPlaying),
                  },
                  {
                    guard: (args: Args<'CallLegLeft'>) =>
                      dial.isPendingLeg(args) && dial.hasMoreTargets(args.context),
                    actions: does(ending.legLeft, dial.pendingLegLeft, dial.dialNext, dial.ringAtOnce),
                  },
                  { guard: dial.isPendingLeg, actions: does(ending.legLeft, dial.pendingLegLeft) },
                ],
                TimerRang: [
                  {
                    guard: (args: Args<'TimerRang'>) =>
                      rang('dial')(args) && dial.hasMoreTargets(args.context),
                    actions: does(dial.giveUp, dial.dialNext, dial.ringAtOnce),
                  },
                  {
                    guard: rang('dial'),
                    target: 'over',
                    actions: does(dial.giveUp, caller.stopPlaying),
                  },
                ],
              },
            },
            talking: {
              on: {
                CallLegLeft: [
                  {
                    guard: isCaller,
                    target: '#call.ending',
                    actions: does(ending.legLeft, ending.callerLeft),
                  },
                  {
                    guard: dial.isCallee,
                    target: 'over',
                    actions: does(ending.legLeft, dialEnd.calleeLeft, media.comeBack),
                  },
                ],
                CallDigitPressed: {
                  guard: dialEnd.isHangupStar,
                  target: 'over',
                  actions: does(dialEnd.letCalleeGo('completed', 'The caller pressed *'), media.comeBack),
                },
                CallLegMediaStopped: {
                  guard: dial.isCallee,
                  target: 'over',
                  actions: does(
                    dialEnd.letCalleeGo('media-stopped', 'No audio came from the callee'),
                    media.comeBack,
                  ),
                },
                TimerRang: {
                  guard: rang('timeLimit'),
                  target: 'over',
                  actions: does(
                    dialEnd.letCalleeGo('completed', 'The time limit was reached'),
                    media.comeBack,
                  ),
                },
              },
            },
            over: {
              always: [
                {
                  guard: dialEnd.hasAction,
                  target: '#call.running.fetching',
                  actions: does(dialEnd.reportDial),
                },
                { target: '#call.running.next' },
              ],
            },
          },
        },
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
