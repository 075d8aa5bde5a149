import { describe, expect, it } from '@jest/globals';
import type { EventType } from '@tandem/actors/events';
import type { RecordedEvent } from '@tandem/actors/stores/event-store';
import type { Messages } from '@tandem/proto/generated/events.ts';
import fc from 'fast-check';
import type { CallRow } from './call-row.ts';
import { childSid, projectCalls } from './project-call.ts';

const CALL = `CA${'1'.repeat(32)}`;
const CALLER = `LE${'a'.repeat(32)}`;
const CALLEE = `LE${'b'.repeat(32)}`;
let revision = 0;

function event<T extends EventType>(about: string, time: number, type: T, data: Messages[T]): RecordedEvent {
  revision += 1;
  const stream = about.startsWith('LE') ? `leg-${about}` : `call-${about}`;
  return {
    stream,
    type,
    time,
    data,
    revision,
    id: `${revision}`,
    position: `${revision}`,
    version: 1,
    region: 'ie1',
    cause: '',
    correlation: CALL,
  };
}

const received = event(CALL, 1000, 'CallReceived', {
  callSid: CALL,
  accountSid: 'AC1',
  legId: CALLER,
  region: 'ie1',
  gateway: 'gw1',
  trunk: 'carrier',
  from: '+15550111',
  to: '+15550100',
  facts: {},
  application: { voiceUrl: 'https://a.example', voiceMethod: 'POST' },
  codecs: ['PCMU'],
});
const callerAnswered = event(CALLER, 2000, 'AnswerRequested', {});
const requested = event(CALLEE, 3000, 'LegRequested', {
  legId: CALLEE,
  callSid: CALL,
  region: 'ie1',
  gateway: 'gw1',
  from: '+15550111',
  to: '+15550199',
  facts: {},
  routes: [
    { trunk: 'first', uri: 'sip:one' },
    { trunk: 'second', uri: 'sip:two' },
  ],
  timeout: 30_000,
  codecs: [],
});
const ringing = event(CALLEE, 4000, 'ProgressReceived', { status: 180, phrase: 'Ringing' });
const answered = event(CALLEE, 5000, 'AnswerReceived', { sdp: '', route: 1, dialog: {} as never });
const calleeEnded = event(CALLEE, 9000, 'LegEnded', { reason: 'completed', by: 'peer', detail: 'bye' });
const calleeLeft = event(CALL, 9100, 'CallLegLeft', {
  legId: CALLEE,
  reason: 'completed',
  by: 'peer',
  detail: 'bye',
});
const callerEnded = event(CALLER, 9900, 'LegEnded', { reason: 'completed', by: 'router' });
const callerLeft = event(CALL, 9950, 'CallLegLeft', { legId: CALLER, reason: 'completed', by: 'router' });
const ended = event(CALL, 10_000, 'CallEnded', { reason: 'completed', duration: 8000 });
const whole = [
  received,
  callerAnswered,
  requested,
  ringing,
  answered,
  calleeEnded,
  calleeLeft,
  callerEnded,
  callerLeft,
  ended,
];

const parentOf = (rows: readonly CallRow[]) => rows.find(({ sid }) => sid === CALL)!;
const childOf = (rows: readonly CallRow[]) => rows.find(({ sid }) => sid === childSid(CALLEE))!;

describe('a call\u2019s rows', () => {
  it('reads events of earlier releases as they are in the store', () => {
    const { facts: _, ...fields } = received.data as Messages['CallReceived'];
    const { facts: __, ...asked } = requested.data as Messages['LegRequested'];
    const rows = projectCalls([
      { ...received, data: { ...fields, callerName: 'Ann' } },
      { ...requested, data: { ...asked, callerName: 'Bob' } },
    ]);
    expect(rows.map(({ callerName }) => callerName)).toEqual(['Ann', 'Bob']);
  });

  it('are the inbound call and each dialled leg, which belongs to the call\u2019s account', () => {
    const rows = projectCalls(whole);
    expect(rows).toHaveLength(2);
    expect(parentOf(rows)).toMatchObject({
      accountSid: 'AC1',
      parentCallSid: null,
      direction: 'inbound',
      status: 'completed',
      startedAt: 1000,
      answeredAt: 2000,
      endedAt: 10_000,
      duration: 8000,
      endReason: 'completed',
      trunk: 'carrier',
    });
    expect(childOf(rows)).toMatchObject({
      sid: `CA${'b'.repeat(32)}`,
      accountSid: 'AC1',
      parentCallSid: CALL,
      direction: 'outbound-dial',
      status: 'completed',
      startedAt: 3000,
      ringingAt: 4000,
      answeredAt: 5000,
      endedAt: 9000,
      duration: 4000,
      endDetail: 'bye',
      to: '+15550199',
      trunk: 'second',
      updatedAt: 9000,
    });
  });

  it('follow the call', () => {
    const statuses = whole.map((_event, index) => {
      const rows = projectCalls(whole.slice(0, index + 1));
      return `${parentOf(rows).status} ${childOf(rows)?.status ?? '-'}`;
    });
    expect(statuses).toEqual([
      'ringing -',
      'in-progress -',
      'in-progress queued',
      'in-progress ringing',
      'in-progress in-progress',
      ...Array(4).fill('in-progress completed'),
      'completed completed',
    ]);
  });

  it('have a failed child for a leg that never came to be', () => {
    const lost = event(CALL, 3500, 'CallLegLeft', {
      legId: CALLEE,
      reason: 'failed',
      by: 'router',
      detail: 'The region is not connected.',
    });
    expect(childOf(projectCalls([received, lost]))).toMatchObject({
      status: 'failed',
      endDetail: 'The region is not connected.',
      accountSid: 'AC1',
    });
  });

  it('know an answer from the duration when the region\u2019s word is still on its way', () => {
    expect(parentOf(projectCalls([received, ended]))).toMatchObject({
      status: 'completed',
      answeredAt: 2000,
    });
  });

  it('of a number that nobody has belong to nobody', () => {
    const { accountSid: _account, ...data } = received.data as Messages['CallReceived'];
    expect(parentOf(projectCalls([{ ...received, data }])).accountSid).toBeNull();
  });

  it('are the same when events come again', () => {
    const expected = projectCalls(whole);
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(whole.length), (to, back) => {
        const from = Math.max(0, to - back);
        expect(projectCalls([...whole.slice(0, to), ...whole.slice(from)])).toEqual(expected);
      }),
    );
  });

  it('are the same however events of the call and of its legs cross', () => {
    const expected = projectCalls(whole);
    const crossed = projectCalls([
      received,
      callerAnswered,
      calleeLeft,
      ended,
      requested,
      ringing,
      answered,
      calleeEnded,
    ]);
    expect(childOf(crossed)).toEqual({ ...childOf(expected), updatedAt: calleeLeft.time });
    expect(parentOf(crossed)).toEqual(parentOf(expected));
  });
});
