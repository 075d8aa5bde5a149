import { describe, expect, it } from '@jest/globals';
import { type Said, START, said } from '../../testing/given.ts';
import type { LegContext } from './leg-context.ts';
import {
  allocatedData,
  answerAsked,
  bridgeAsked,
  connected,
  leg,
  offered,
  playAsked,
  playData,
} from './testing/leg-events.ts';

const DIALOG = 'live dialog:connected.confirmed media:';
const finished = { playId: 'PL1', outcome: 'completed' };

describe('the media of a leg', () => {
  it('plays, and is idle when that is over', () => {
    const playing = leg(...connected).when('PlayRequested', playData);
    expect(playing).toMatchObject({ state: `${DIALOG}playing`, effects: [{ type: 'play', ...playData }] });
    expect(playing.when('PlayFinished', finished)).toMatchObject({
      state: `${DIALOG}idle`,
      context: { playing: undefined },
      effects: [],
    });
  });

  it('plays the newest that it is asked for; the end of the older one concerns nobody', () => {
    const second = leg(...connected, playAsked).when('PlayRequested', { ...playData, playId: 'PL2' });
    expect(second).toMatchObject({
      context: { playing: { playId: 'PL2' } },
      effects: [{ type: 'play', playId: 'PL2' }],
    });
    expect(second.when('PlayFinished', { playId: 'PL1', outcome: 'stopped' }).taken).toBe(false);
    expect(second.when('PlayFinished', { playId: 'PL2', outcome: 'completed' }).state).toBe(`${DIALOG}idle`);
  });

  it('is stopped while it plays, and only what plays is', () => {
    const playing = leg(...connected, playAsked);
    expect(playing.when('PlayStopRequested', { playId: 'PL1' })).toMatchObject({
      state: `${DIALOG}playing`,
      effects: [{ type: 'stopPlay', playId: 'PL1' }],
    });
    expect(playing.when('PlayStopRequested', { playId: 'PL0' }).taken).toBe(false);
  });

  it('is bridged to another leg until it is not', () => {
    const bridged = leg(...connected).when('BridgeRequested', { peer: 'LE2', hears: true });
    expect(bridged).toMatchObject({
      state: `${DIALOG}bridged`,
      context: { bridgedTo: 'LE2' },
      effects: [{ type: 'bridge', peer: 'LE2' }],
    });
    expect(bridged.when('UnbridgeRequested', {})).toMatchObject({
      state: `${DIALOG}idle`,
      context: { bridgedTo: undefined },
      effects: [{ type: 'unbridge' }],
    });
    expect(leg(...connected).when('UnbridgeRequested', {}).taken).toBe(false);
  });

  it('is bridged again after it played to one side of a bridge', () => {
    const both = leg(...connected, bridgeAsked, playAsked);
    expect(both.state).toBe(`${DIALOG}playing`);
    expect(both.when('PlayFinished', finished).state).toBe(`${DIALOG}bridged`);
  });

  it('is bridged while a play is being stopped, and hears that it was', () => {
    const bridged = leg(...connected, playAsked, said('PlayStopRequested', { playId: 'PL1' }), bridgeAsked);
    expect(bridged).toMatchObject({ state: `${DIALOG}playing`, effects: [{ type: 'bridge', peer: 'LE2' }] });
    expect(bridged.when('PlayFinished', { playId: 'PL1', outcome: 'stopped' })).toMatchObject({
      state: `${DIALOG}bridged`,
      context: { playing: undefined },
    });
  });

  it('goes on playing when the bridge beside it ends, and hears the play’s end', () => {
    const playing = leg(...connected, bridgeAsked, playAsked).when('UnbridgeRequested', {});
    expect(playing).toMatchObject({ state: `${DIALOG}playing`, effects: [{ type: 'unbridge' }] });
    expect(playing.when('PlayFinished', finished)).toMatchObject({ taken: true, state: `${DIALOG}idle` });
  });

  it('sends keys, and counts those that come', () => {
    expect(leg(...connected).when('DigitsRequested', { digits: '1w#' }).effects).toEqual([
      { type: 'sendDigits', digits: '1w#' },
    ]);
    const pressed = said('DigitReceived', { digit: '5', source: 'rfc4733' });
    expect(leg(...connected, pressed, pressed).context.digits).toBe(2);
  });

  it('passes keys on that came by signalling, while it has a partner', () => {
    const info = { digit: '5', source: 'info' };
    expect(leg(...connected).when('DigitReceived', info).effects).toEqual([]);
    const bridged = leg(...connected, bridgeAsked);
    expect(bridged.when('DigitReceived', info)).toMatchObject({
      context: { digits: 1 },
      effects: [{ type: 'passKey', to: 'LE2', digit: '5' }],
    });
    // These have gone to the partner with the media.
    expect(bridged.when('DigitReceived', { digit: '5', source: 'rfc4733' }).effects).toEqual([]);
    expect(bridged.when('DigitReceived', { digit: '5', source: 'inband' }).effects).toEqual([]);
  });

  it('has its gateway seal keys, until it is told otherwise, and knows of them only how many they are', () => {
    const asked = { sealTo: { keys: ['a public key'] }, except: '#' };
    const sealing = { keys: ['a public key'], except: '#' };
    const then = leg(...connected).when('KeySealingRequested', asked);
    expect(then).toMatchObject({ context: { sealing }, effects: [{ type: 'sealKeys', sealing }] });
    const restarted = then.when('OwnerRestarted', { node: 'ie1' });
    expect(restarted.effects).toContainEqual({ type: 'sealKeys', sealing });
    const pressed = then.when('DigitReceived', { digit: 'sealed:1:a', source: 'rfc4733' });
    expect(pressed.context.digits).toBe(1);
    const bridged = pressed.when('BridgeRequested', { peer: 'LE2', hears: true });
    expect(bridged.when('DigitReceived', { digit: 'sealed:1:a', source: 'info' }).effects).toEqual([]);
    expect(bridged.when('KeySealingRequested', { except: '' })).toMatchObject({
      context: { sealing: undefined },
      effects: [{ type: 'sealKeys' }],
    });
  });

  it('takes it that somebody else sends to its port, who is not heard', () => {
    const rival = { address: '198.51.100.66', port: 4000 };
    expect(leg(...connected).when('MediaContested', rival)).toMatchObject({
      taken: true,
      effects: [],
      context: { rival },
    });
  });

  it('notes where packets come from, and since when none do', () => {
    const source = { address: '198.51.100.3', port: 4000, codec: 'PCMU' };
    expect(leg(...connected).when('MediaLatched', source).context.source).toEqual(source);
    expect(leg(...connected).when('MediaStopped', { silentFor: 30_000 }, 60_000)).toMatchObject({
      state: `${DIALOG}idle`,
      context: { silentSince: START + 4 + 30_000 },
      effects: [],
    });
  });
});

describe('what is asked of a leg’s media before it has ports', () => {
  const then = (...events: readonly Said<LegContext>[]) => {
    const waiting = leg(offered, answerAsked, ...events);
    expect(waiting.effects).toEqual([]);
    return waiting.when('MediaAllocated', allocatedData);
  };
  const media = (effects: readonly { type: string }[]) =>
    effects.filter(({ type }) => type !== 'answer' && type !== 'connect');

  it('is played when they are there, after the answer', () => {
    const playing = then(playAsked);
    expect(playing.effects.map(({ type }) => type)).toEqual(['answer', 'connect', 'play']);
    expect(playing).toMatchObject({ context: { playing: playData, playWanted: undefined } });
  });

  it('is the newest play only, and none that was stopped', () => {
    const newest = then(playAsked, said('PlayRequested', { ...playData, playId: 'PL2' }));
    expect(media(newest.effects)).toMatchObject([{ type: 'play', playId: 'PL2' }]);
    expect(media(then(playAsked, said('PlayStopRequested', { playId: 'PL1' })).effects)).toEqual([]);
  });

  it('is bridged, and its keys are sent, when they are there', () => {
    const keys = said<'DigitsRequested', LegContext>('DigitsRequested', { digits: '12' });
    const both = then(bridgeAsked, keys, keys, playAsked);
    expect(both.state).toContain('media:playing');
    expect(media(both.effects)).toMatchObject([
      { type: 'bridge', peer: 'LE2' },
      { type: 'sendDigits', digits: '1212' },
      { type: 'play' },
    ]);
    expect(then(bridgeAsked)).toMatchObject({ state: 'live dialog:connected.answered media:bridged' });
    expect(media(then(bridgeAsked, said('UnbridgeRequested', {})).effects)).toEqual([]);
  });
});
