import type { Dial, Gather, Instruction, Messages, RoutingDecision } from '@tandem/proto/generated/events.ts';
import { given, type Said, said, type Then } from '../../../testing/given.ts';
import type { CallContext, CallEffect, LegCommand } from '../../execution/call-context.ts';
import { callKind } from '../call-machine.ts';

// What happens to a call, in the words of a test. Ids that the call derived are looked up in its state.

type Happening = Said<CallContext>;
export type CallThen = Then<CallEffect, CallContext>;

export const CALLER = 'LEcaller';
export const APP = 'https://app.example/start';
export const ACTION = 'https://app.example/action';

export const receivedData: Messages['CallReceived'] = {
  callSid: 'CA1',
  accountSid: 'AC1',
  legId: CALLER,
  region: 'ie1',
  gateway: 'gw1',
  trunk: 'carrier',
  from: '+15550199',
  to: '+15550100',
  facts: { callerName: 'Ann' },
  application: { voiceUrl: APP, voiceMethod: 'POST' },
  codecs: ['PCMU'],
};
export const received: Happening = said('CallReceived', receivedData);
export const receivedWithFallback: Happening = said('CallReceived', {
  ...receivedData,
  application: {
    ...receivedData.application!,
    fallbackUrl: 'https://backup.example/',
    fallbackMethod: 'GET',
  },
});

type Before = { readonly context: CallContext };

export const fetchedData =
  (...instructions: Instruction[]) =>
  ({ context }: Before): Messages['DocumentFetched'] => ({
    requestId: context.request!.id,
    url: context.request!.url,
    method: context.request!.method,
    status: 200,
    contentType: 'text/xml',
    body: '<Response/>',
    duration: 5,
    instructions,
  });
export const failedData = ({ context }: Before): Messages['DocumentFailed'] => ({
  requestId: context.request!.id,
  url: context.request!.url,
  method: context.request!.method,
  code: 'document.bad-status',
  message: 'It answered with HTTP status 500.',
  duration: 5,
});
export const playedData = ({ context }: Before): Messages['CallPlayFinished'] => ({
  legId: CALLER,
  playId: context.playing!.id,
  outcome: 'completed',
});
/** The legs that were dialled, in that order. */
export const dialled = ({ context }: Before): string[] =>
  Object.keys(context.legs).filter((legId) => legId !== CALLER);
export const callee =
  (index: number) =>
  (before: Before): { legId: string } => ({ legId: dialled(before)[index]! });
export const leftData =
  (index: number, reason = 'completed') =>
  (before: Before): Messages['CallLegLeft'] => ({ ...callee(index)(before), reason, by: 'peer' });
export const rangData =
  (index: number, earlyMedia = false) =>
  (before: Before): Messages['CallLegRinging'] => ({ ...callee(index)(before), status: 180, earlyMedia });
export const keyData = (digit: string, legId = CALLER): Messages['CallDigitPressed'] => ({ legId, digit });
export const callerLeftData: Messages['CallLegLeft'] = { legId: CALLER, reason: 'completed', by: 'peer' };

export const fetched = (...instructions: Instruction[]): Happening =>
  said('DocumentFetched', fetchedData(...instructions));
export const failed: Happening = said('DocumentFailed', failedData);
export const played: Happening = said('CallPlayFinished', playedData);
export const pressed = (digit: string): Happening => said('CallDigitPressed', keyData(digit));
export const rang = (index: number, earlyMedia = false): Happening =>
  said('CallLegRinging', rangData(index, earlyMedia));
export const answered = (index: number): Happening => said('CallLegAnswered', callee(index));
export const left = (index: number, reason?: string): Happening =>
  said('CallLegLeft', leftData(index, reason));

/** A call that was received and whose application said this. */
export const call = (...events: readonly Happening[]): CallThen =>
  events.reduce(
    (before, { type, data, after }) => before.when(type, data as never, after),
    placing(given<CallEffect, CallContext>(callKind)),
  );

/** Has the routing policy place legs in the caller's gateway as soon as it is asked. */
function placing(then: CallThen): CallThen {
  const { taken } = then;
  const effects = [...then.effects];
  let now = then;
  for (const effect of then.effects) {
    if (effect.type !== 'placeLeg') continue;
    now = now.when('CallLegPlaced', { legId: effect.legId, ...effect.near }, 0);
    effects.push(...now.effects);
  }
  const last = now;
  return { ...now, effects, taken, when: (...what) => placing(last.when(...what)) };
}

/** The same where the test itself says what the routing policy answers. */
export const unplaced = (...events: readonly Happening[]): CallThen =>
  given<CallEffect, CallContext>(callKind, ...events);
export const running = (...instructions: Instruction[]): CallThen => call(received, fetched(...instructions));

// Instructions.
export const say = (text: string, loop = 1): Instruction => ({ say: { text, loop } });
export const playFile = (url: string, loop = 1): Instruction => ({ play: { url, loop } });
export const playDigits = (digits: string): Instruction => ({ play: { url: '', loop: 1, digits } });
export const pause = (length: number): Instruction => ({ pause: { length } });
export const redirect: Instruction = { redirect: { url: ACTION, method: 'GET' } };
export const hangup: Instruction = { hangup: {} };
export const reject = (reason: string): Instruction => ({ reject: { reason } });
export const gather = (changes: Partial<Gather> = {}): Instruction => ({
  gather: {
    input: ['dtmf'],
    finishOnKey: '#',
    timeout: 5,
    action: ACTION,
    method: 'POST',
    actionOnEmptyResult: false,
    prompts: [],
    ...changes,
  },
});
export const number = (digits: string, sendDigits?: string): Dial['targets'][number] => ({
  number: { number: digits, ...(sendDigits !== undefined && { sendDigits }) },
});
export const dial = (changes: Partial<Dial> = {}): Instruction => ({
  dial: {
    targets: [number('+15550111')],
    sequential: false,
    timeout: 30,
    method: 'POST',
    answerOnBridge: false,
    hangupOnStar: false,
    ...changes,
  },
});

/** The commands among what was asked for, as `leg: Message`, the caller's leg as `caller`. */
export const commands = (then: CallThen): string[] =>
  then.effects
    .filter((effect): effect is LegCommand => effect.type === 'command')
    .map(({ legId, message }) => {
      const name = legId === CALLER ? 'caller' : `callee ${dialled(then).indexOf(legId) + 1}`;
      return `${name}: ${message.type}`;
    });
/** The data of the only command of this type. */
export const commanded = (then: CallThen, type: LegCommand['message']['type']): unknown => {
  const found = then.effects.filter((one) => one.type === 'command' && one.message.type === type);
  if (found.length !== 1) throw new Error(`${found.length} commands ${type}`);
  return (found[0] as LegCommand).message.data;
};
/** The only request for a document. */
export const request = (then: CallThen): Extract<CallEffect, { type: 'fetch' }> => {
  const found = then.effects.filter((one) => one.type === 'fetch');
  if (found.length !== 1) throw new Error(`${found.length} requests`);
  return found[0]!;
};

/** What was chosen from does not matter here. */
export const noDecision: RoutingDecision = {
  question: 'gateway',
  asked: 'a gateway to take a leg',
  alternatives: [],
  reasons: [],
  policies: [],
  order: [],
  measured: true,
  looked: { regions: 1, gateways: 2, routes: 0, measuredRoutes: 0, facts: [] },
};
