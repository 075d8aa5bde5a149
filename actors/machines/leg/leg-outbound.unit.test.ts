import { describe, expect, it } from '@jest/globals';
import { START, said } from '../../testing/given.ts';
import type { LegContext } from './leg-context.ts';
import {
  allocated,
  allocatedData,
  answers,
  dialog,
  leg,
  refuses,
  requested,
  requestedData,
  rings,
} from './testing/leg-events.ts';

const [one, two] = requestedData.routes;
const invitation = { type: 'invite', from: '+15550199', sdp: 'our sdp', timeout: 30_000 };
const FAILURE = { code: 'sip.transport-failed', message: 'Connection refused' };

describe('an outbound leg', () => {
  it('asks for ports first', () => {
    expect(leg().when('LegRequested', requestedData)).toMatchObject({
      state: 'live dialog:placing media:allocating',
      context: { direction: 'outbound' },
      effects: [{ type: 'allocate', codecs: [] }],
    });
  });

  it('ends at once where no route leads to its number', () => {
    const then = leg().when('LegRequested', { ...requestedData, routes: [] });
    expect(then.state).toBe('ending');
    expect(then.effects.at(-1)).toMatchObject({
      type: 'finish',
      how: 'nothing',
      end: { reason: 'no-route', detail: 'No trunk of region ie1 leads to +15550100', by: 'gateway' },
    });
  });

  it('invites by each route with as many hops as are left', () => {
    const then = leg(
      said('LegRequested', { ...requestedData, facts: { maxForwards: 29, withheld: '1' } }),
      allocated,
    );
    expect(then.effects).toMatchObject([{ type: 'invite', facts: { maxForwards: 29, withheld: '1' } }]);
    expect(then.when('RefusalReceived', { status: 503, phrase: 'No', route: 0 }).effects).toMatchObject([
      { type: 'invite', index: 1, facts: { maxForwards: 29 } },
    ]);
  });

  it('says whether a document or its own gateway asked for it', () => {
    const inviteFor = (router: string) =>
      leg(said('LegRequested', { ...requestedData, router }), allocated).effects;
    expect(inviteFor('us1/r1')).toMatchObject([{ type: 'invite', action: 'dial' }]);
    expect(inviteFor('ie1/gw1')).toMatchObject([{ type: 'invite', action: 'static' }]);
  });

  it('ends at once when no hop is left', () => {
    const then = leg().when('LegRequested', { ...requestedData, facts: { maxForwards: 0 } });
    expect(then.state).toBe('ending');
    expect(then.effects.at(-1)).toMatchObject({
      type: 'finish',
      how: 'nothing',
      end: { reason: 'failed', status: 483, detail: expect.stringContaining('Max-Forwards'), by: 'gateway' },
    });
  });

  it('ends when it gets no ports, without a word to anybody', () => {
    expect(leg(requested).when('MediaRefused', { code: 'media.no-ports', message: 'None' })).toMatchObject({
      state: 'ending',
      effects: [{ type: 'finish', how: 'nothing', end: { reason: 'media-failed', status: 503 } }],
    });
  });

  it('invites by its first route', () => {
    expect(leg(requested).when('MediaAllocated', allocatedData)).toMatchObject({
      state: 'live dialog:inviting.trying media:idle',
      effects: [{ ...invitation, index: 0, route: one }],
    });
  });

  it('invites with the header fields that it was asked for', () => {
    const headers = { fields: [{ name: 'x-foo', value: 'bar' }] };
    const then = leg(said('LegRequested', { ...requestedData, facts: { headers } }), allocated);
    expect(then.effects).toMatchObject([{ type: 'invite', callSid: 'CA1', facts: { headers } }]);
    expect(then.when('RefusalReceived', { status: 503, phrase: 'No', route: 0 }).effects).toMatchObject([
      { type: 'invite', index: 1, facts: { headers } },
    ]);
  });

  it('rings', () => {
    expect(leg(requested, allocated).when('ProgressReceived', { status: 180, phrase: '' })).toMatchObject({
      state: 'live dialog:inviting.progressing media:idle',
      effects: [],
    });
  });

  it('has its media follow early media, and then the answer', () => {
    const early = leg(requested, allocated, rings).when('ProgressReceived', {
      status: 183,
      phrase: '',
      sdp: 'early',
    });
    const session = { type: 'connect', offerer: 'us', offer: 'our sdp', trunk: 'one' };
    expect(early.effects).toEqual([{ ...session, answer: 'early' }]);
    expect(early.when('AnswerReceived', { dialog, sdp: 'their answer', route: 0 })).toMatchObject({
      state: 'live dialog:connected.confirmed media:idle',
      context: { dialog, answeredAt: START + 5, session: { answer: 'their answer' } },
      effects: [{ ...session, answer: 'their answer' }],
    });
  });

  describe('whose peer changes its early media', () => {
    const offer = { sdp: 'their offer', answer: 'our answer', direction: 'sendrecv', dialog };
    const changed = { offerer: 'peer', offer: 'their offer', answer: 'our answer' };
    const early = said<'ProgressReceived', LegContext>('ProgressReceived', {
      status: 183,
      phrase: '',
      sdp: 'early',
    });
    const after = leg(requested, allocated, early).when('SessionChanged', offer);

    it('accepts, and has its media follow', () => {
      expect(after).toMatchObject({
        state: 'live dialog:inviting.progressing media:idle',
        context: { session: changed },
        effects: [
          { type: 'acceptOffer', answer: 'our answer' },
          { type: 'connect', ...changed },
        ],
      });
    });

    it('keeps to that when it is answered, unless somebody else answers', () => {
      const answered = (sdp: string) => after.when('AnswerReceived', { dialog, sdp, route: 0 });
      expect(answered('their offer')).toMatchObject({
        context: { session: changed },
        effects: [{ type: 'connect', ...changed }],
      });
      const other = { offerer: 'us', offer: 'our sdp', answer: 'their answer' };
      expect(answered('their answer')).toMatchObject({
        context: { session: other },
        effects: [{ type: 'connect', ...other }],
      });
    });

    it('makes its own offer to the next route', () => {
      const next = after.when('RefusalReceived', { status: 503, phrase: 'No', route: 0 });
      expect(next.effects).toMatchObject([{ ...invitation, index: 1, route: two, callSid: 'CA1' }]);
      expect(next.effects).toHaveLength(1);
      expect(next.context.session).toEqual({ offerer: 'us', offer: 'our sdp' });
    });
  });
});

describe('a refusal of an outbound leg', () => {
  it.each([408, 500, 502, 503, 504])('of the route only (%i) has the next one tried', (status) => {
    expect(leg(requested, allocated).when('RefusalReceived', { status, phrase: '', route: 0 })).toMatchObject(
      {
        state: 'live dialog:inviting.trying media:idle',
        context: { route: 1 },
        effects: [{ ...invitation, index: 1, route: two }],
      },
    );
  });

  it.each([
    [486, 'busy'],
    [600, 'busy'],
    [603, 'declined'],
    [404, 'not-found'],
    [480, 'no-answer'],
    [487, 'cancelled'],
    [488, 'failed'],
  ])('that is the called party’s own (%i) is final', (status, reason) => {
    expect(
      leg(requested, allocated).when('RefusalReceived', { status, phrase: 'No', route: 0 }),
    ).toMatchObject({
      state: 'ending',
      effects: [{ type: 'finish', how: 'nothing', end: { reason, status, detail: 'No', by: 'peer' } }],
    });
  });

  it('by the last route is final', () => {
    const last = leg(requested, allocated, refuses(503));
    expect(last.when('RefusalReceived', { status: 503, phrase: 'No', route: 1 })).toMatchObject({
      state: 'ending',
      effects: [{ type: 'finish', how: 'nothing', end: { reason: 'failed', status: 503 } }],
    });
  });

  it('after it rang is final when nobody answered, and not when the route broke', () => {
    const ringing = leg(requested, allocated, rings);
    expect(ringing.when('RefusalReceived', { status: 408, phrase: '', route: 0 })).toMatchObject({
      state: 'ending',
      effects: [{ type: 'finish', end: { reason: 'no-answer', status: 408 } }],
    });
    expect(ringing.when('RefusalReceived', { status: 503, phrase: '', route: 0 })).toMatchObject({
      state: 'live dialog:inviting.trying media:idle',
      effects: [{ type: 'invite', index: 1 }],
    });
  });
});

describe('an outbound leg whose invitation does not get through', () => {
  it('tries the next route, and ends after the last', () => {
    const next = leg(requested, allocated).when('DialogFailed', FAILURE);
    expect(next).toMatchObject({ context: { route: 1 }, effects: [{ type: 'invite', index: 1 }] });
    expect(next.when('DialogFailed', FAILURE)).toMatchObject({
      state: 'ending',
      effects: [{ type: 'finish', how: 'cancel', end: { reason: 'failed', detail: FAILURE.message } }],
    });
  });

  it('ends when it rang already: somebody may be about to answer', () => {
    expect(leg(requested, allocated, rings).when('DialogFailed', FAILURE)).toMatchObject({
      state: 'ending',
      effects: [{ type: 'finish', how: 'cancel' }],
    });
  });
});

describe('a route on which nothing is heard', () => {
  const tried = leg(requested, allocated, said('InviteSent', { dialog, via: 'our via', route: 0 }));
  const rung = () => tried.when('TimerRang', { timer: 'reply' }, 4000);

  it('is given up after four seconds while there is another', () => {
    expect(tried.context.timers).toEqual({ reply: START + 3 + 4000 });
    expect(tried.when('TimerRang', { timer: 'reply' }, 3999).taken).toBe(false);
    expect(rung()).toMatchObject({
      state: 'live dialog:inviting.trying media:idle',
      context: { route: 0, timers: {} },
      effects: [{ type: 'abandon', index: 0 }],
    });
    expect(rung().when('DialogFailed', { code: 'sip.no-reply', message: 'Silence' })).toMatchObject({
      context: { route: 1 },
      effects: [{ type: 'invite', index: 1, route: two }],
    });
  });

  it('is waited for when it is the last', () => {
    const last = tried
      .when('RefusalReceived', { status: 503, phrase: 'No', route: 0 })
      .when('InviteSent', { dialog, via: 'our via', route: 1 });
    expect(last).toMatchObject({ taken: true, context: { route: 1, timers: {} } });
  });

  it.each([
    ['rings', 'ProgressReceived', { status: 180, phrase: 'Ringing' }],
    ['answers', 'AnswerReceived', { dialog, sdp: 'their answer', route: 0 }],
    ['refuses', 'RefusalReceived', { status: 486, phrase: 'Busy', route: 0 }],
  ] as const)('is no longer timed when it %s', (_how, type, data) => {
    const then = tried.when(type, data);
    expect(then.context.timers).toEqual({});
    expect(then.when('TimerRang', { timer: 'reply' }, 4000).taken).toBe(false);
  });
});

const sent = said<'InviteSent', LegContext>('InviteSent', { dialog, via: 'our via', route: 0 });

describe.each([
  ['placing', [requested], 'nothing', 'nothing'],
  ['about to invite', [requested, allocated], 'cancel', 'nothing'],
  ['trying', [requested, allocated, sent], 'cancel', 'cancel'],
  ['ringing', [requested, allocated, sent, rings], 'cancel', 'cancel'],
  ['connected', [requested, allocated, sent, answers], 'bye', undefined],
] as const)('an outbound leg that is %s', (name, events, hungUp, restarted) => {
  it('is hung up by its router', () => {
    const ending = leg(...events).when('HangupRequested', { reason: 'cancelled' });
    expect(ending).toMatchObject({
      state: 'ending',
      effects: [{ type: 'finish', how: hungUp, end: { reason: 'cancelled', by: 'router' } }],
    });
    expect(ending.when('LegEnded', { reason: 'cancelled', by: 'router' }).done).toBe(true);
  });

  if (restarted !== undefined)
    it('ends when its gateway was restarted', () => {
      expect(leg(...events).when('OwnerRestarted', { node: 'ie1/gw1' })).toMatchObject({
        state: 'ending',
        effects: [
          { type: 'finish', how: restarted, end: { reason: 'restarted', detail: 'ie1/gw1 was restarted' } },
        ],
      });
    });

  it('takes a BYE only when it is connected', () => {
    expect(leg(...events).when('ByeReceived', {}).taken).toBe(name === 'connected');
  });
});

it('an outbound leg has its INVITE taken back after a restart, by what was stored of it', () => {
  const invite = { dialog, via: 'our via' };
  expect(
    leg(requested, allocated, sent, rings).when('OwnerRestarted', { node: 'ie1/gw1' }).effects,
  ).toMatchObject([{ type: 'finish', how: 'cancel', invite }]);
  // One that was sent by a route that failed is nobody's any more.
  const next = leg(requested, allocated, sent).when('RefusalReceived', {
    status: 503,
    phrase: 'No',
    route: 0,
  });
  expect(next.context.invite).toBeUndefined();
  expect(next.when('InviteSent', { dialog, via: 'late', route: 0 }).taken).toBe(false);
});
