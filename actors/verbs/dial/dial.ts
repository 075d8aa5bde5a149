import {
  type CallGuardArgs,
  caller,
  callMedia,
  callSetup,
  current,
  ending,
  isAnswered,
  isCaller,
} from '../../machines/execution/index.ts';
import { does, rang } from '../../machines/transition/index.ts';
import type { Verb } from '../verb.ts';
import * as end from './dial-end.ts';
import * as dialling from './dialling.ts';
import { number } from './number.ts';
import { readDial } from './read.ts';
import { sip } from './sip.ts';

const states = callSetup.createStateConfig({
  initial: 'starting',
  exit: does(end.clearTimers),
  states: {
    starting: {
      entry: does(dialling.startDial),
      always: [
        { guard: dialling.hasNobody, target: 'over' },
        {
          guard: ({ context }) => current(context, 'dial').answerOnBridge,
          target: 'ringing',
          actions: does(dialling.ringAtOnce),
        },
        { target: 'ringing', actions: does(caller.answerCaller, dialling.ringAtOnce) },
      ],
    },
    ringing: {
      on: {
        CallLegPlaced: { guard: dialling.isBeingPlaced, actions: does(dialling.legPlaced) },
        CallLegUnplaced: { guard: dialling.isRequested, actions: does(dialling.legUnplaced) },
        CallLegInvited: { guard: dialling.isFirstAsked, actions: does(dialling.calleeAsked) },
        CallLegRinging: { guard: dialling.mayAnswer, actions: does(dialling.calleeRings) },
        CallLegAnswered: {
          guard: dialling.mayAnswer,
          target: 'talking',
          actions: does(caller.stopPlaying, caller.answerCaller, dialling.calleeAnswers),
        },
        CallLegLeft: [
          {
            guard: isCaller,
            target: '#call.ending',
            actions: does(ending.legLeft, ending.callerLeft),
          },
          {
            guard: (args: CallGuardArgs<'CallLegLeft'>) =>
              dialling.isPendingLeg(args) && dialling.noneLeft(args),
            target: 'over',
            actions: does(ending.legLeft, dialling.pendingLegLeft, caller.stopPlaying),
          },
          {
            guard: (args: CallGuardArgs<'CallLegLeft'>) =>
              dialling.isPendingLeg(args) && dialling.hasMoreTargets(args.context),
            actions: does(ending.legLeft, dialling.pendingLegLeft, dialling.dialNext, dialling.ringAtOnce),
          },
          { guard: dialling.isPendingLeg, actions: does(ending.legLeft, dialling.pendingLegLeft) },
        ],
        TimerRang: [
          {
            guard: (args: CallGuardArgs<'TimerRang'>) =>
              rang('dial')(args) && dialling.hasMoreTargets(args.context),
            actions: does(dialling.giveUp, dialling.dialNext, dialling.ringAtOnce),
          },
          {
            guard: rang('dial'),
            target: 'over',
            actions: does(dialling.giveUp, caller.stopPlaying),
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
            guard: dialling.isCallee,
            target: 'over',
            actions: does(ending.legLeft, end.calleeLeft, callMedia.comeBack),
          },
        ],
        CallDigitPressed: {
          guard: end.isHangupStar,
          target: 'over',
          actions: does(end.letCalleeGo('completed', 'The caller pressed *'), callMedia.comeBack),
        },
        CallLegMediaStopped: {
          guard: dialling.isCallee,
          target: 'over',
          actions: does(
            end.letCalleeGo('media-stopped', 'No audio came from the callee'),
            callMedia.comeBack,
          ),
        },
        TimerRang: {
          guard: rang('timeLimit'),
          target: 'over',
          actions: does(end.letCalleeGo('completed', 'The time limit was reached'), callMedia.comeBack),
        },
      },
    },
    over: {
      always: [
        {
          guard: end.hasAction,
          target: '#call.running.fetching',
          actions: does(end.reportDial),
        },
        { target: '#call.running.next' },
      ],
    },
  },
});

/** Connects the caller with the first of several endpoints to answer. */
export const dial: Verb = {
  name: 'dial',
  reader: readDial,
  nouns: [number.tag, sip.tag],
  beginnings: [
    // A call that may not go on, and that can still be refused.
    {
      guard: ({ context }) => !dialling.mayGoOn(context) && !isAnswered(context),
      target: '#call.ending',
      steps: [ending.refuseHop],
    },
    { target: 'dialling' },
  ],
  states: { dialling: states },
  resume: dialling.keysAgain,
  asksApplication: (instruction) =>
    'dial' in instruction && instruction.dial.action !== undefined
      ? 'the action of Dial asks for one'
      : undefined,
};
