import type { Dialog, Instruction } from '@tandem/proto/generated/events.ts';
import { derivedSid } from '../../events/derived-id.ts';
import { callKind } from '../../machines/call/call-machine.ts';
import type { CallEffect } from '../../machines/execution/call-context.ts';
import type { LegEffect } from '../../machines/leg/leg-context.ts';
import { legKind } from '../../machines/leg/leg-machine.ts';
import { callMessage } from '../../router/calls/call-message.ts';
import { oneGateway } from '../../router/calls/call-routing.ts';
import { createNumberPlan } from '../../router/calls/number-plan.ts';
import { ActorSystem } from '../../runtime/actor-system.ts';
import type { EffectHandlers } from '../../runtime/effects.ts';
import type { EventStore, RecordedEvent } from '../../stores/event-store/event-store.ts';

export interface RecordedCallOptions {
  /** Distinguishes one call of a test from another; its sid and leg id follow from it. */
  readonly name: string;
  readonly accountSid?: string;
  readonly from?: string;
  readonly to?: string;
  /** What the dialled party does. */
  readonly callee?: 'answers' | 'is busy';
  /** Where to stop: a call that is over, or one whose parties talk. */
  readonly until?: 'ended' | 'talking';
  /** Time of the first event, in milliseconds since the Unix epoch. */
  readonly start?: number;
}

export interface RecordedCall {
  readonly callSid: string;
  readonly callerLeg: string;
  /** The actors as they were at the end, live. */
  readonly system: ActorSystem;
  close(): Promise<void>;
}

export const DEMO_ACCOUNT = 'AC00000000000000000000000000000001';
export const sidOf = (name: string): string => derivedSid('CA', name, 'call');

const MENU = 'https://app.example.com/menu';
const WELCOME: Instruction[] = [
  { say: { text: 'Welcome to Tandem.', loop: 1 } },
  {
    gather: {
      input: ['dtmf'],
      numDigits: 1,
      finishOnKey: '#',
      timeout: 5,
      action: MENU,
      method: 'POST',
      actionOnEmptyResult: false,
      prompts: [{ say: { text: 'Press one to be connected.', loop: 1 } }],
    },
  },
];
const CONNECT: Instruction[] = [
  { say: { text: 'One moment please.', loop: 1 } },
  {
    dial: {
      targets: [{ number: { number: '+15550199' } }],
      sequential: false,
      timeout: 30,
      method: 'POST',
      answerOnBridge: false,
      hangupOnStar: false,
    },
  },
  { say: { text: 'Goodbye.', loop: 1 } },
];

const dialog = (callId: string): Dialog => ({
  callId,
  localTag: 'ours',
  remoteTag: 'theirs',
  localUri: 'sip:gw@192.0.2.1',
  remoteUri: 'sip:peer@192.0.2.2',
  remoteTarget: 'sip:peer@192.0.2.2:5060',
  routeSet: [],
  localSeq: 1,
  remoteSeq: 1,
  transport: 'udp',
  peerAddress: '192.0.2.2',
  peerPort: 5060,
  localContact: 'sip:gw@192.0.2.1:5060',
});

/**
 * A call that the real machines ran in a real store, with peers and media that only say what they would: it
 * speaks, gathers a digit, dials, and ends when the callee hangs up or is busy.
 */
export async function recordCall(store: EventStore, options: RecordedCallOptions): Promise<RecordedCall> {
  const { name, accountSid = DEMO_ACCOUNT, from = '+15550111', to = '+15550100' } = options;
  const { callee = 'answers', until = 'ended', start = 1_700_000_000_000 } = options;
  const callSid = sidOf(name);
  const callerLeg = derivedSid('LE', name, 'caller');
  const failures: unknown[] = [];
  let clock = start;
  let bridged = 0;
  /** The play of the ringing tone, which ends after those who talk were joined. */
  let ringback: string | undefined;
  let rings = true;
  const system = new ActorSystem({
    store,
    node: 'us1',
    region: 'us1',
    checkpoints: { load: async () => undefined, save: async () => {} },
    now: () => {
      clock += 17;
      return clock;
    },
    onError: (error) => failures.push(error),
  });
  system.register(callKind, callEffects(system));
  system.register(legKind, legEffects(callee));

  const plan = createNumberPlan([
    {
      number: to,
      accountSid,
      application: { voiceUrl: 'https://user:secret@app.example.com/voice', voiceMethod: 'POST' },
    },
  ]);
  const reached = Promise.withResolvers<void>();
  const subscription = store.subscribeToAll('end', async (event) => {
    if (event.correlation !== callSid) return;
    const message = event.stream.startsWith('leg-') ? callMessage(event, plan) : undefined;
    if (message) await system.tell(`call-${callSid}`, message);
    await peersReact(system, event, callerLeg, until);
    if (event.type === 'BridgeRequested') bridged += 1;
    const { playId, items } = event.data as { playId?: string; items?: object[] };
    if (event.type === 'PlayRequested' && JSON.stringify(items).includes('ringback')) ringback = playId;
    if (event.type === 'PlayFinished' && playId === ringback) rings = false;
    const talking = bridged === 2 && !rings;
    if (event.type === 'CallEnded' || (until === 'talking' && talking)) reached.resolve();
  });
  await system.tell(`leg-${callerLeg}`, {
    type: 'LegOffered',
    correlation: callSid,
    data: {
      legId: callerLeg,
      callSid,
      region: 'ie1',
      gateway: 'gw1',
      trunk: 'carrier',
      from,
      to,
      dialog: dialog(name),
      offer: 'v=0',
      facts: { callerName: 'Ada' },
      codecs: ['PCMU'],
    },
  });
  await Promise.race([reached.promise, subscription.ended]);
  await subscription.stop();
  if (failures.length > 0) throw failures[0];
  return { callSid, callerLeg, system, close: () => system.close() };
}

/** What the people at the phones do. */
async function peersReact(
  system: ActorSystem,
  { type, data, stream }: RecordedEvent,
  callerLeg: string,
  until: RecordedCallOptions['until'],
): Promise<void> {
  if (type === 'PlayRequested' && JSON.stringify(data).includes('Press one'))
    await system.tell(stream, { type: 'DigitReceived', data: { digit: '1', source: 'rfc4733' } });
  if (type === 'BridgeRequested' && stream !== `leg-${callerLeg}` && until === 'ended')
    await system.tell(stream, { type: 'ByeReceived', data: {} });
}

const callEffects = (system: ActorSystem): EffectHandlers<CallEffect> => ({
  command: ({ legId, message }, { effectId, event }) => {
    const data =
      message.type === 'LegRequested'
        ? { ...message.data, routes: [{ trunk: 'carrier', uri: 'sip:+15550199@carrier.example' }] }
        : message.data;
    return system.tell(`leg-${legId}`, {
      ...({ type: message.type, data } as typeof message),
      id: effectId,
      cause: event.id,
      correlation: event.correlation,
    });
  },
  fetch: ({ request }, { tell }) =>
    tell('DocumentFetched', {
      requestId: request.id,
      url: request.url,
      method: request.method,
      status: 200,
      contentType: 'text/xml',
      body: '<Response>…</Response>',
      duration: 12,
      instructions: request.url === MENU ? CONNECT : WELCOME,
    }),
  placeLeg: (asked, { tell }) => tell('CallLegPlaced', oneGateway.placeLeg(asked)),
  choosePath: (asked, { tell }) => tell('MediaPathChosen', oneGateway.choosePath(asked)),
  failPlay: () => {},
  findAdopter: () => {},
  moveLeg: () => {},
  conclude: ({ reason, detail, duration }, { tell }) =>
    tell('CallEnded', { reason, duration, ...(detail !== undefined && { detail }) }),
});

const legEffects = (callee: RecordedCallOptions['callee']): EffectHandlers<LegEffect> => ({
  allocate: (_effect, { tell }) =>
    tell('MediaAllocated', { mediaId: 'media1', address: '192.0.2.1', port: 20_000, sdp: 'v=0' }),
  connect: () => {},
  ring: () => {},
  answer: (_effect, { tell }) => tell('AnswerConfirmed', {}),
  invite: async (_effect, { tell }) => {
    await tell('InviteSent', { dialog: dialog('callee'), via: 'SIP/2.0/UDP 192.0.2.1', route: 0 });
    await tell('ProgressReceived', { status: 180, phrase: 'Ringing' });
    await (callee === 'answers'
      ? tell('AnswerReceived', { dialog: dialog('callee'), sdp: 'v=0', route: 0 })
      : tell('RefusalReceived', { status: 486, phrase: 'Busy Here', route: 0 }));
  },
  acceptOffer: () => {},
  abandon: () => {},
  resume: () => {},
  refresh: () => {},
  play: ({ playId, items, loop }, { tell }) =>
    loop === 0 || JSON.stringify(items).includes('Press one')
      ? undefined
      : tell('PlayFinished', { playId, outcome: 'completed' }),
  stopPlay: ({ playId }, { tell }) => tell('PlayFinished', { playId, outcome: 'stopped' }),
  sendDigits: () => {},
  bridge: () => {},
  passKey: () => {},
  sealKeys: () => {},
  unbridge: () => {},
  finish: ({ end }, { tell }) => {
    const { reason, status, detail, by } = end;
    return tell('LegEnded', {
      reason,
      by,
      ...(status !== undefined && { status }),
      ...(detail !== undefined && { detail }),
    });
  },
});
