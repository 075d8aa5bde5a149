import { describe, expect, it } from '@jest/globals';
import { derivedUuid } from '../../events/derived-id.ts';
import { verifyEvent } from '../../events/event-schema.ts';
import { currentVersion } from '../../events/upcasting.ts';
import { offeredData } from '../../machines/leg/testing/leg-events.ts';
import type { RecordedEvent } from '../../stores/event-store/event-store.ts';
import { callMessage } from './call-message.ts';
import type { NumberPlan } from './number-plan.ts';

const application = { voiceUrl: 'https://app.example/', voiceMethod: 'POST' };
const plan: NumberPlan = {
  loginFor: () => undefined,
  lookUp: (to) => (to === '+15550100' ? { accountSid: 'AC1', application } : {}),
};
const event = (type: string, data: object): RecordedEvent => ({
  id: '10000000-0000-4000-8000-000000000000',
  type,
  version: currentVersion(type),
  time: 1,
  region: 'ie1',
  cause: '',
  correlation: 'CA1',
  data,
  stream: 'leg-LE1',
  revision: 0,
  position: '' as never,
});

describe('what a call hears of its legs', () => {
  it.each([
    ['InviteSent', { dialog: offeredData.dialog, via: 'SIP/2.0/UDP x', route: 0 }, 'CallLegInvited', {}],
    ['ProgressReceived', { status: 180, phrase: '' }, 'CallLegRinging', { status: 180, earlyMedia: false }],
    [
      ...(['ProgressReceived', { status: 183, phrase: '', sdp: 'v=0' }] as const),
      ...(['CallLegRinging', { status: 183, earlyMedia: true }] as const),
    ],
    ['AnswerReceived', { dialog: offeredData.dialog, sdp: 'v=0', route: 0 }, 'CallLegAnswered', {}],
    [
      'LegEnded',
      { reason: 'busy', status: 486, by: 'peer', heard: { packets: 1, lost: 0, jitter: 0, mos: 4.4 } },
      'CallLegLeft',
      { reason: 'busy', status: 486, by: 'peer' },
    ],
    ['MediaStopped', { silentFor: 30_000 }, 'CallLegMediaStopped', { silentFor: 30_000 }],
    [
      ...(['PlayFinished', { playId: 'PL1', outcome: 'completed' }, 'CallPlayFinished'] as const),
      { playId: 'PL1', outcome: 'completed' },
    ],
    ['DigitReceived', { digit: '5', source: 'info', duration: 100 }, 'CallDigitPressed', { digit: '5' }],
  ])('%s %j is %s', (type, data, heard, what) => {
    const message = callMessage(event(type, data), plan)!;
    expect(message).toEqual({
      type: heard,
      data: { legId: 'LE1', ...what },
      correlation: 'CA1',
      id: derivedUuid(event(type, data).id, 'call'),
      cause: event(type, data).id,
    });
    verifyEvent(message.type, message.data);
  });

  it('is a new call, with whoever answers its number', () => {
    const { data } = callMessage(
      event('LegOffered', { ...offeredData, facts: { callerName: 'Ann' } }),
      plan,
    )!;
    expect(data).toEqual({
      callSid: 'CA1',
      legId: 'LE1',
      region: 'ie1',
      gateway: 'gw1',
      trunk: 'carrier',
      from: '+15550199',
      to: '+15550100',
      facts: { callerName: 'Ann' },
      accountSid: 'AC1',
      application,
      codecs: ['PCMU'],
      ringsWhenAsked: true,
    });
    verifyEvent('CallReceived', data);
  });

  it('is a new call with what its INVITE says besides', () => {
    const headers = { fields: [{ name: 'X-Customer', value: '42' }] };
    const facts = { headers, maxForwards: 30, withheld: '+15550177' };
    const { data } = callMessage(event('LegOffered', { ...offeredData, facts }), plan)!;
    expect(data).toMatchObject({ facts });
    verifyEvent('CallReceived', data);
  });

  it('is a new call without an application where nobody has the number', () => {
    const { data } = callMessage(event('LegOffered', { ...offeredData, to: '+15550111' }), plan)!;
    expect(Object.keys(data)).not.toContain('application');
    verifyEvent('CallReceived', data);
  });

  it('is nothing of the rest', () => {
    for (const type of [
      'MediaAllocated',
      'AnswerConfirmed',
      'HangupRequested',
      'ByeReceived',
      'OwnerRestarted',
    ])
      expect(callMessage(event(type, {}), plan)).toBeUndefined();
    expect(callMessage(event('GatewayStarted', {}), plan)).toBeUndefined();
  });
});
