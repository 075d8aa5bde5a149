import { describe, expect, it } from '@jest/globals';
import { type Said, said } from '../../testing/given.ts';
import type { LegContext } from './leg-context.ts';
import {
  allocated,
  allocatedData,
  answerAsked,
  answers,
  bridgeAsked,
  connected,
  dialog,
  leg,
  offered,
  offeredData,
  offeredLate,
  playAsked,
  playData,
  requested,
} from './testing/leg-events.ts';

const RESTART = { node: 'ie1/gw1' };
const restarted = said<'OwnerRestarted', LegContext>('OwnerRestarted', RESTART);
const ahead = { ...dialog, localSeq: 100_000 };
const connect = {
  type: 'connect',
  offerer: 'peer',
  offer: 'their offer',
  answer: 'our sdp',
  trunk: 'carrier',
};
const moved = { ...allocatedData, port: 20_002, sdp: 'our sdp elsewhere' };

describe('a connected leg whose gateway was restarted', () => {
  it('goes on: its dialog is taken up ahead of all that was sent, and the same ports are asked for', () => {
    expect(leg(...connected).when('OwnerRestarted', RESTART)).toMatchObject({
      state: 'live dialog:connected.confirmed media:allocating',
      context: { dialog: ahead, resuming: true },
      effects: [
        {
          type: 'resume',
          dialog: ahead,
          outbound: false,
          port: 20_000,
          local: 'our sdp',
          remote: 'their offer',
        },
      ],
    });
  });

  it('goes further ahead with each restart', () => {
    const twice = leg(...connected, restarted, restarted);
    expect(twice.effects).toMatchObject([{ type: 'resume', dialog: { localSeq: 200_000 } }]);
  });

  it('names the trunk of an outbound leg, which may ask for credentials', () => {
    expect(leg(requested, allocated, answers, restarted).effects).toMatchObject([
      { type: 'resume', outbound: true, trunk: 'one', local: 'our sdp', remote: 'their answer' },
    ]);
  });

  it('has its media follow what was agreed as soon as there are ports, and asks whether the peer is there', () => {
    expect(leg(...connected, restarted).when('MediaAllocated', allocatedData)).toMatchObject({
      state: 'live dialog:connected.confirmed media:idle',
      effects: [connect, { type: 'refresh', sdp: 'our sdp', moved: false }],
    });
  });

  it('tells the peer of other ports, when its own are taken, and follows the answer', () => {
    const elsewhere = leg(...connected, restarted).when('MediaAllocated', moved);
    expect(elsewhere).toMatchObject({
      context: { media: { port: 20_002 } },
      effects: [connect, { type: 'refresh', sdp: 'our sdp elsewhere', moved: true }],
    });
    const session = { offerer: 'us', offer: 'our sdp elsewhere', answer: 'their answer' };
    expect(
      elsewhere.when('SessionRefreshed', { dialog: ahead, offer: session.offer, answer: session.answer }),
    ).toMatchObject({
      context: { session, resuming: false },
      effects: [{ type: 'connect', ...session }],
    });
  });

  it('offers again what the peer had asked for: whether it has answered that, nobody knows', () => {
    const asked = said<'SessionOffered', LegContext>('SessionOffered', { sdp: 'our offer', dialog });
    const back = leg(...connected, asked, restarted);
    expect(back.effects).toMatchObject([{ type: 'resume', local: 'our offer', remote: 'their offer' }]);
    const ready = back.when('MediaAllocated', { ...allocatedData, sdp: 'our offer' });
    expect(ready.effects).toEqual([connect, { type: 'refresh', sdp: 'our offer', moved: true }]);
    const session = { offerer: 'us', offer: 'our offer', answer: 'their answer' };
    const { offer, answer } = session;
    const agreed = ready.when('SessionRefreshed', { dialog: ahead, offer, answer });
    expect(agreed).toMatchObject({ context: { session }, effects: [{ type: 'connect', ...session }] });
    expect(agreed.context.offering).toBeUndefined();
  });

  it('asks for the ports that it had last', () => {
    const twice = leg(...connected, restarted, said('MediaAllocated', moved), restarted);
    expect(twice.effects).toMatchObject([{ type: 'resume', port: 20_002, local: 'our sdp' }]);
  });

  it('ends with a BYE when there are no ports', () => {
    const refusal = { code: 'media.no-ports', message: 'None is free' };
    expect(leg(...connected, restarted).when('MediaRefused', refusal)).toMatchObject({
      state: 'ending',
      effects: [{ type: 'finish', how: 'bye', end: { reason: 'media-failed', detail: 'None is free' } }],
    });
  });

  it('is over for the peer when that does not know the dialog any more: it hung up meanwhile', () => {
    const back = leg(...connected, restarted, allocated);
    expect(
      back.when('DialogFailed', { code: 'sip.dialog-lost', message: 'Gone', status: 481 }),
    ).toMatchObject({
      state: 'ending',
      effects: [{ type: 'finish', end: { reason: 'completed', by: 'peer' } }],
    });
  });

  it('ends as restarted when the peer does not answer', () => {
    const back = leg(...connected, restarted, allocated);
    expect(
      back.when('DialogFailed', { code: 'sip.dialog-lost', message: 'No answer', status: 408 }),
    ).toMatchObject({
      state: 'ending',
      effects: [{ type: 'finish', how: 'bye', end: { reason: 'restarted', detail: 'No answer' } }],
    });
  });

  it.each([
    said<'SessionRefreshed', LegContext>('SessionRefreshed', { dialog: ahead }),
    said<'SessionChanged', LegContext>('SessionChanged', {
      sdp: 'new',
      answer: 'ours',
      direction: 'sendrecv',
      dialog: ahead,
    }),
  ])('has its peer again once that has said something', (proof) => {
    const back = leg(...connected, restarted, allocated, proof);
    expect(back.context.resuming).toBe(false);
    expect(back.when('DialogFailed', { code: 'sip.x', message: 'No', status: 481 }).effects).toMatchObject([
      { type: 'finish', end: { reason: 'failed' } },
    ]);
  });

  it('can be hung up at any moment', () => {
    expect(
      leg(...connected, restarted).when('HangupRequested', { reason: 'completed' }).effects,
    ).toMatchObject([{ type: 'finish', how: 'bye', dialog: ahead }]);
    expect(leg(...connected, restarted).when('ByeReceived', {}).state).toBe('ending');
  });
});

describe('what the media of a leg did before a restart', () => {
  const again = (...events: readonly Said<LegContext>[]) =>
    leg(...connected, ...events, restarted)
      .when('MediaAllocated', allocatedData)
      .effects.filter(({ type }) => type !== 'connect' && type !== 'refresh');

  it('is played again from its beginning', () => {
    expect(again(playAsked)).toEqual([{ type: 'play', ...playData }]);
  });

  it('is bridged again', () => {
    expect(again(bridgeAsked)).toEqual([{ type: 'bridge', peer: 'LE2', hears: true }]);
    expect(again(bridgeAsked, playAsked).map(({ type }) => type)).toEqual(['bridge', 'play']);
  });

  it('is nothing when it had stopped, or was to stop', () => {
    expect(again(playAsked, said('PlayStopRequested', { playId: 'PL1' }))).toEqual([]);
    expect(again(playAsked, said('PlayFinished', { playId: 'PL1', outcome: 'completed' }))).toEqual([]);
    expect(again(bridgeAsked, said('UnbridgeRequested', {}))).toEqual([]);
  });

  it('gives way to what is asked for meanwhile', () => {
    const back = leg(
      ...connected,
      playAsked,
      restarted,
      said('PlayRequested', { ...playData, playId: 'PL2' }),
    );
    expect(back.when('MediaAllocated', allocatedData).effects.at(-1)).toMatchObject({ playId: 'PL2' });
    expect(
      leg(...connected, playAsked, restarted, said('PlayStopRequested', { playId: 'PL1' })).when(
        'MediaAllocated',
        allocatedData,
      ).state,
    ).toContain('media:idle');
  });
});

describe('a leg whose answer was not acknowledged before a restart', () => {
  const via = 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1';
  const answered = leg(said('LegOffered', { ...offeredData, via }), allocated, answerAsked, restarted);

  it('is answered again, and offers nothing before it is acknowledged', () => {
    expect(answered.effects).toMatchObject([{ type: 'resume', unacknowledged: via }]);
    expect(answered.when('MediaAllocated', allocatedData).effects).toEqual([connect]);
  });

  it('is like any other once it is', () => {
    const confirmed = answered.when('MediaAllocated', allocatedData).when('AnswerConfirmed', {});
    expect(confirmed).toMatchObject({
      state: 'live dialog:connected.confirmed media:idle',
      effects: [],
      context: { resuming: false },
    });
  });

  it('tells of its new ports only then', () => {
    const confirmed = answered.when('MediaAllocated', moved).when('AnswerConfirmed', {});
    expect(confirmed.effects).toEqual([{ type: 'refresh', sdp: 'our sdp elsewhere', moved: true }]);
  });

  it('follows the answer that the acknowledgement brings, whichever comes first', () => {
    const late = leg(offeredLate, allocated, answerAsked, restarted);
    const agreed = { offerer: 'us', offer: 'our sdp', answer: 'their answer' };
    const session = { type: 'connect', ...agreed, trunk: 'carrier' };
    const confirmed = late.when('AnswerConfirmed', { sdp: 'their answer' });
    expect(confirmed.when('MediaAllocated', allocatedData).effects).toMatchObject([session, {}]);
    const ready = late.when('MediaAllocated', allocatedData);
    expect(ready.effects).toEqual([]);
    expect(ready.when('AnswerConfirmed', { sdp: 'their answer' }).effects).toEqual([session]);
  });

  it('ends when no acknowledgement comes', () => {
    expect(answered.when('DialogFailed', { code: 'sip.no-ack', message: 'No ACK' }).effects).toMatchObject([
      { type: 'finish', how: 'bye', end: { reason: 'restarted' } },
    ]);
  });
});

describe('a refresh of the session', () => {
  const other = { ...dialog, remoteTarget: 'sip:elsewhere@192.0.2.7' };

  it('is noted when it says where else the peer is, or another session timer', () => {
    const after = leg(...connected).when('SessionRefreshed', { dialog: other });
    expect(after).toMatchObject({ context: { dialog: other }, effects: [] });
    expect(after.when('SessionRefreshed', { dialog: { ...other, sessionInterval: 90 } }).taken).toBe(true);
  });

  it('is none when only its numbers are new', () => {
    const numbered = { ...dialog, localSeq: 7, remoteSeq: 8 };
    expect(leg(...connected).when('SessionRefreshed', { dialog: numbered }).taken).toBe(false);
    expect(leg(offered, allocated).when('SessionRefreshed', { dialog: other }).taken).toBe(false);
  });
});

describe('a leg that another gateway takes', () => {
  const taken = { region: 'ie1', gateway: 'gw2', from: 'gw1' };
  const farAhead = { ...dialog, localSeq: 10_000_000 };
  const connectedThere = leg(...connected, bridgeAsked).when('LegAdopted', taken);

  it('is there, its CSeq above all that the one before may still send', () => {
    expect(connectedThere).toMatchObject({
      state: 'live dialog:connected.confirmed media:bridged',
      context: { gateway: 'gw2', dialog: farAhead, resuming: false },
      effects: [],
    });
  });

  it('goes on there as after a restart', () => {
    const there = { ...farAhead, localSeq: 10_100_000 };
    const goesOn = connectedThere.when('OwnerRestarted', { node: 'ie1/gw2' });
    expect(goesOn).toMatchObject({
      state: 'live dialog:connected.confirmed media:allocating',
      context: { gateway: 'gw2', dialog: there, resuming: true },
      effects: [{ type: 'resume', dialog: there, local: 'our sdp', remote: 'their offer' }],
    });
    expect(goesOn.when('MediaAllocated', moved).effects).toEqual([
      connect,
      { type: 'refresh', sdp: 'our sdp elsewhere', moved: true },
      { type: 'bridge', peer: 'LE2', hears: true },
    ]);
  });

  it('is none that was never begun, or has ended', () => {
    expect(leg().when('LegAdopted', taken).taken).toBe(false);
    const ended = leg(
      ...connected,
      said('HangupRequested', { reason: 'completed' }),
      said('LegEnded', { reason: 'completed', by: 'router' }),
    );
    expect(ended.when('LegAdopted', taken).taken).toBe(false);
  });
});

describe('a leg that another gateway has taken', () => {
  it('is forgotten, and its peer hears nothing of that', () => {
    expect(leg(...connected).when('LegTaken', {})).toMatchObject({
      state: 'ending',
      effects: [{ type: 'finish', how: 'nothing', end: { reason: 'restarted', by: 'router' } }],
    });
  });

  it('is forgotten also while it says goodbye, after a restart', () => {
    const goodbye = leg(...connected, said('HangupRequested', { reason: 'completed' }));
    expect(goodbye.when('LegTaken', {})).toMatchObject({
      state: 'ending',
      effects: [{ type: 'finish', how: 'nothing' }],
    });
  });

  it('is none that was never here, or has ended', () => {
    expect(leg().when('LegTaken', {}).taken).toBe(false);
    expect(
      leg(...connected, said('LegTaken', {}), said('LegEnded', { reason: 'restarted', by: 'router' })).when(
        'LegTaken',
        {},
      ).taken,
    ).toBe(false);
  });
});
