import { describe, expect, it } from '@jest/globals';
import { START, said } from '../../testing/given.ts';
import {
  allocated,
  allocatedData,
  answerAsked,
  confirmed,
  connected,
  dialog,
  type Happening,
  leg,
  offered,
  offeredData,
  offeredLate,
  ringAsked,
} from './testing/leg-events.ts';

const theirSession = { offerer: 'peer', offer: 'their offer', answer: 'our sdp' };

describe('an inbound leg', () => {
  it('asks for ports with the offer of its peer', () => {
    expect(leg().when('LegOffered', offeredData)).toMatchObject({
      state: 'live dialog:offered media:allocating',
      context: { direction: 'inbound', legId: 'LE1', dialog },
      effects: [{ type: 'allocate', offer: 'their offer' }],
    });
  });

  it('waits with its ports for what the router says', () => {
    expect(leg(offered).when('MediaAllocated', allocatedData)).toMatchObject({
      state: 'live dialog:offered media:idle',
      context: { media: { id: 'LE1', address: '192.0.2.1', port: 20_000 }, session: theirSession },
      effects: [],
    });
  });

  it('rings, as often as it is told', () => {
    const ringing = leg(offered, allocated).when('RingRequested', { earlyMedia: false });
    expect(ringing).toMatchObject({ state: 'live dialog:ringing media:idle', effects: [{ type: 'ring' }] });
    expect(ringing.when('RingRequested', { earlyMedia: false }).effects).toEqual([{ type: 'ring' }]);
  });

  it('rings with early media, and has its media follow the session', () => {
    expect(leg(offered, allocated).when('RingRequested', { earlyMedia: true }).effects).toEqual([
      { type: 'ring', sdp: 'our sdp' },
      { type: 'connect', ...theirSession, trunk: 'carrier' },
    ]);
  });

  it('has its early media follow what its peer changes, and is answered with that', () => {
    const early = leg(offered, allocated).when('RingRequested', { earlyMedia: true });
    const session = { offerer: 'peer', offer: 'their new offer', answer: 'our new answer' };
    const changed = early.when('SessionChanged', {
      sdp: session.offer,
      answer: session.answer,
      direction: 'sendrecv',
      dialog,
    });
    expect(changed).toMatchObject({
      state: 'live dialog:ringing media:idle',
      context: { session },
      effects: [
        { type: 'acceptOffer', answer: 'our new answer' },
        { type: 'connect', ...session },
      ],
    });
    expect(changed.when('AnswerRequested', {}).effects).toEqual([
      { type: 'answer', sdp: 'our new answer' },
      { type: 'connect', ...session, trunk: 'carrier' },
    ]);
  });

  it('is answered with its own SDP, and has its media follow the session', () => {
    expect(leg(offered, allocated, ringAsked).when('AnswerRequested', {})).toMatchObject({
      state: 'live dialog:connected.answered media:idle',
      context: { answeredAt: START + 4 },
      effects: [
        { type: 'answer', sdp: 'our sdp' },
        { type: 'connect', ...theirSession },
      ],
    });
  });

  it('is confirmed by an ACK, which changes nothing of the session', () => {
    expect(leg(offered, allocated, answerAsked).when('AnswerConfirmed', {})).toMatchObject({
      state: 'live dialog:connected.confirmed media:idle',
      context: { session: theirSession },
      effects: [],
    });
  });

  describe('that is told something before it has ports', () => {
    it('answers as soon as they are there, even if it was told to ring as well', () => {
      const waiting = leg(offered, ringAsked, answerAsked);
      expect(waiting).toMatchObject({ state: 'live dialog:offered media:allocating', effects: [] });
      expect(waiting.when('MediaAllocated', allocatedData)).toMatchObject({
        state: 'live dialog:connected.answered media:idle',
        effects: [{ type: 'answer', sdp: 'our sdp' }, { type: 'connect' }],
      });
    });

    it('rings as soon as they are there', () => {
      expect(leg(offered, ringAsked).when('MediaAllocated', allocatedData)).toMatchObject({
        state: 'live dialog:ringing media:idle',
        effects: [{ type: 'ring' }],
      });
    });

    it('ends, when it gets none, with the reason that the peer can do something about', () => {
      const refused = (code: string) => leg(offered).when('MediaRefused', { code, message: 'No' });
      expect(refused('media.other-family').effects).toMatchObject([
        { type: 'finish', how: 'reject', end: { status: 488, warning: 301 } },
      ]);
      expect(refused('media.no-common-codec')).toMatchObject({
        state: 'ending',
        effects: [{ type: 'finish', how: 'reject', end: { reason: 'media-failed', status: 488 } }],
      });
      expect(refused('media.no-ports').effects).toMatchObject([
        { type: 'finish', how: 'reject', end: { reason: 'media-failed', status: 503 } },
      ]);
    });
  });

  describe('whose peer sends no offer', () => {
    const ours = { offerer: 'us', offer: 'our sdp' };

    it('makes the offer itself', () => {
      expect(leg(offeredLate).effects).toEqual([{ type: 'allocate', offer: undefined }]);
      expect(leg(offeredLate, allocated).context.session).toEqual(ours);
    });

    it('rings without early media, for there is nowhere to send it', () => {
      expect(leg(offeredLate, allocated).when('RingRequested', { earlyMedia: true }).effects).toEqual([
        { type: 'ring', offer: 'our sdp' },
      ]);
    });

    it('connects its media when the ACK brings the answer', () => {
      const answered = leg(offeredLate, allocated, answerAsked);
      expect(answered.effects).toEqual([{ type: 'answer', sdp: 'our sdp' }]);
      expect(answered.when('AnswerConfirmed', { sdp: 'their answer' })).toMatchObject({
        state: 'live dialog:connected.confirmed media:idle',
        context: { session: { ...ours, answer: 'their answer' } },
        effects: [{ type: 'connect', ...ours, answer: 'their answer' }],
      });
    });
  });

  describe('whose peer sends no offer, and no answer to ours either', () => {
    it('ends with the reason: nobody would hear anybody', () => {
      expect(leg(offeredLate, allocated, answerAsked).when('AnswerConfirmed', {})).toMatchObject({
        state: 'ending',
        effects: [
          {
            type: 'finish',
            how: 'bye',
            end: { reason: 'media-failed', detail: expect.stringContaining('ACK has no answer') },
          },
        ],
      });
    });
  });

  describe('whose peer changes the session', () => {
    const newDialog = { ...dialog, remoteSeq: 2 };
    const changed = (direction: string) =>
      leg(...connected).when('SessionChanged', {
        sdp: 'their new offer',
        answer: 'our new answer',
        direction,
        dialog: newDialog,
      });

    it('accepts, and has its media follow', () => {
      expect(changed('sendrecv')).toMatchObject({
        state: 'live dialog:connected.confirmed media:idle',
        context: { held: false, dialog: newDialog },
        effects: [
          { type: 'acceptOffer', answer: 'our new answer' },
          { type: 'connect', offerer: 'peer', offer: 'their new offer', answer: 'our new answer' },
        ],
      });
    });

    it('is held while nothing is to be heard from the peer', () => {
      expect(changed('sendonly').context.held).toBe(true);
      expect(changed('inactive').context.held).toBe(true);
      expect(changed('recvonly').context.held).toBe(false);
    });

    it('offers what it was asked to offer, and goes on as it was until the ACK brings the answer', () => {
      const asked = changed('inactive').when('SessionOffered', { sdp: 'our offer', dialog: newDialog });
      const held = { offerer: 'peer', offer: 'their new offer', answer: 'our new answer' };
      expect(asked).toMatchObject({
        state: 'live dialog:connected.confirmed media:idle',
        context: { held: true, session: held },
        effects: [{ type: 'acceptOffer', answer: 'our offer' }],
      });
      const session = { offerer: 'us', offer: 'our offer', answer: 'their answer' };
      expect(asked.when('AnswerConfirmed', { sdp: session.answer, direction: 'sendrecv' })).toMatchObject({
        context: { held: false, session },
        effects: [{ type: 'connect', ...session }],
      });
      expect(asked.when('AnswerConfirmed', {})).toMatchObject({ context: { session: held }, effects: [] });
    });

    it('says goodbye in the dialog as it is by then', () => {
      expect(changed('sendrecv').when('HangupRequested', { reason: 'completed' }).effects).toMatchObject([
        { type: 'finish', how: 'bye', dialog: newDialog },
      ]);
    });
  });
});

const DIALOG_FAILURE = { code: 'sip.x', message: 'No ACK came' };
const stages = {
  'offered, without ports': [offered],
  offered: [offered, allocated],
  ringing: [offered, allocated, ringAsked],
  'answered, not confirmed': [offered, allocated, answerAsked],
  connected,
} as const;
const answeredStages = new Set(['answered, not confirmed', 'connected']);

describe.each(Object.entries(stages))('an inbound leg that is %s', (name, events) => {
  const answered = answeredStages.has(name);
  const goodbye = answered ? 'bye' : 'reject';
  const now = leg(...events);

  it('is hung up by its router, with the status that it says, if any', () => {
    expect(
      now.when('HangupRequested', { reason: 'busy', status: 600, detail: 'In a meeting' }),
    ).toMatchObject({
      state: 'ending',
      effects: [
        {
          type: 'finish',
          how: goodbye,
          dialog,
          end: { reason: 'busy', status: 600, detail: 'In a meeting', by: 'router' },
        },
      ],
    });
  });

  it('takes a reason that it does not know for a failure, and status 0 for none', () => {
    const { end } = now.when('HangupRequested', { reason: 'boredom', status: 0 }).context;
    expect(end).toEqual({ reason: 'failed', by: 'router' });
  });

  it('ends when its peer gives up or hangs up', () => {
    const gone = answered
      ? now.when('ByeReceived', { reason: 'Q.850;cause=16' })
      : now.when('CancelReceived', { reason: 'Q.850;cause=16' });
    expect(gone).toMatchObject({
      state: 'ending',
      effects: [
        {
          type: 'finish',
          how: 'nothing',
          end: { reason: answered ? 'completed' : 'cancelled', detail: 'Q.850;cause=16', by: 'peer' },
        },
      ],
    });
  });

  it('ends when its dialog fails, and tells the peer as far as it still can be told', () => {
    expect(now.when('DialogFailed', DIALOG_FAILURE)).toMatchObject({
      state: 'ending',
      effects: [
        { type: 'finish', how: goodbye, end: { reason: 'failed', detail: 'No ACK came', by: 'gateway' } },
      ],
    });
  });

  if (!answered)
    it('ends when its gateway was restarted', () => {
      expect(now.when('OwnerRestarted', { node: 'ie1/gw1' })).toMatchObject({
        state: 'ending',
        effects: [{ type: 'finish', how: 'nothing', end: { reason: 'restarted' } }],
      });
    });

  it('is over once the dialog and the ports are given back', () => {
    const ending = now.when('HangupRequested', { reason: 'completed' });
    expect(ending.when('LegEnded', { reason: 'completed', by: 'router' })).toMatchObject({
      state: 'ended',
      done: true,
      effects: [],
    });
  });
});

describe('a leg that is ending', () => {
  const restart = { node: 'ie1/gw1' };

  it('says its BYE again after a restart, for the reason that it had', () => {
    const hungUp = leg(...connected).when('HangupRequested', { reason: 'completed' });
    expect(hungUp.when('OwnerRestarted', restart)).toMatchObject({
      state: 'ending',
      effects: [
        {
          type: 'finish',
          how: 'bye',
          end: { reason: 'completed', by: 'router' },
          dialog: { ...dialog, localSeq: 100_000 },
        },
      ],
    });
  });

  it('is refused after a restart when it was not answered and the way to its peer is known', () => {
    const via = 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1';
    const refusal = { type: 'finish', how: 'reject', dialog: { callId: dialog.callId, remoteSeq: 1 }, via };
    const waiting = leg(said('LegOffered', { ...offeredData, via }), allocated);
    expect(waiting.when('OwnerRestarted', restart)).toMatchObject({
      state: 'ending',
      effects: [{ ...refusal, end: { reason: 'restarted', by: 'gateway' } }],
    });
    const rejected = waiting.when('HangupRequested', { reason: 'busy' });
    expect(rejected.when('OwnerRestarted', restart).effects).toMatchObject([
      { ...refusal, end: { reason: 'busy', by: 'router' } },
    ]);
  });

  it('sends nothing after a restart where no dialog is left to end', () => {
    const rejected = leg(offered, allocated).when('HangupRequested', { reason: 'busy' });
    expect(rejected.when('OwnerRestarted', restart).effects).toMatchObject([
      { type: 'finish', how: 'nothing', end: { reason: 'busy' } },
    ]);
    const peerWent = leg(...connected).when('ByeReceived', {});
    expect(peerWent.when('OwnerRestarted', restart).effects).toMatchObject([
      { type: 'finish', how: 'nothing', end: { reason: 'completed', by: 'peer' } },
    ]);
  });

  it('takes nothing more that peers, media or routers say', () => {
    const ending = leg(...connected).when('HangupRequested', { reason: 'completed' });
    expect(ending.when('ByeReceived', {}).taken).toBe(false);
    expect(ending.when('HangupRequested', { reason: 'busy' }).taken).toBe(false);
    expect(ending.when('AnswerRequested', {}).taken).toBe(false);
    expect(ending.when('DialogFailed', DIALOG_FAILURE).taken).toBe(false);
    expect(ending.when('PlayRequested', { playId: 'PL1', items: [], loop: 1 }).taken).toBe(false);
  });
});

it('a leg keeps the last thing that could not be done for it', () => {
  const failure = { action: 'play', code: 'media.x', message: 'No sound' };
  expect(leg(offered, allocated, answerAsked, confirmed).when('ActionFailed', failure)).toMatchObject({
    state: 'live dialog:connected.confirmed media:idle',
    context: { lastFailure: failure },
    effects: [],
  });
});

describe('an INVITE that expires', () => {
  const offeredFor = (expires: number) => said('LegOffered', { ...offeredData, expires });
  const inTime = (...events: Happening[]) => leg(offeredFor(3), ...events);
  const LATE = { timer: 'expires' };

  it('is refused with 487 when nobody has answered by then', () => {
    for (const leg of [inTime(), inTime(allocated), inTime(allocated, ringAsked)]) {
      expect(leg.when('TimerRang', LATE, 500).taken).toBe(false);
      const over = leg.when('TimerRang', LATE, 3_000);
      expect(over).toMatchObject({
        state: 'ending',
        context: { timers: {} },
        effects: [{ type: 'finish', how: 'reject', end: { reason: 'cancelled', status: 487 } }],
      });
    }
  });

  it('goes on once it is answered', () => {
    const answered = inTime(allocated, answerAsked);
    expect(answered.when('TimerRang', LATE, 3_000).taken).toBe(false);
  });
});
