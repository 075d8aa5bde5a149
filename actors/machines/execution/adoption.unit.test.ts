import { describe, expect, it } from '@jest/globals';
import {
  answered,
  CALLER,
  type CallThen,
  call,
  callee,
  dial,
  dialled,
  fetched,
  left,
  noDecision,
  playFile,
  received,
  running,
  say,
  unplaced,
} from '../call/testing/call-events.ts';
import type { LegCommand } from './call-context.ts';

// A gateway is gone with legs that were answered, and others of its region take them.

const GW1 = { region: 'ie1', gateway: 'gw1' };
const GW2 = { region: 'ie1', gateway: 'gw2' };
const GW3 = { region: 'ie1', gateway: 'gw3' };
const DE = { region: 'de1', gateway: 'gw1' };

const lost = (then: CallThen, place = GW1) =>
  then.when('CallGatewayLost', { ...place, reason: 'Nothing is heard of the gateway' });
const chosen = (then: CallThen, legId: string, place = GW2) =>
  then.when('CallLegAdopterChosen', { legId, ...place, decision: noDecision });
const refused = (then: CallThen, legId: string, { gateway } = GW2) =>
  then.when('CallLegNotAdopted', { legId, gateway, code: 'sip.gateway-full', message: 'It is full.' });
const nobody = (then: CallThen, legId: string) =>
  then.when('CallLegNotAdopted', { legId, code: 'routing.no-adopter', message: 'There is none.' });
const moved = (then: CallThen, legId: string, place = GW2) => then.when('CallLegMoved', { legId, ...place });
const commands = (then: CallThen): string[] =>
  then.effects
    .filter((effect): effect is LegCommand => effect.type === 'command')
    .map(({ gateway, legId, message }) => {
      const peer = (message.data as { peer?: string }).peer;
      const name = (id: string) => (id === CALLER ? 'caller' : 'callee');
      return `${gateway} ${name(legId)}: ${message.type}${peer === undefined ? '' : ` ${name(peer)}`}`;
    });

/** A caller who hears something, and who talks to somebody in the same gateway. */
const listening = running(playFile('https://a.example/a.wav'));
const talking = call(received, fetched(dial(), say('Bye')), answered(0));
const [CALLEE] = dialled(talking) as [string];

describe('a leg whose gateway is gone', () => {
  it('is looked for a gateway for, told to take it, and then asked for things there', () => {
    const orphan = lost(listening);
    expect(orphan.effects).toMatchObject([
      { type: 'findAdopter', legId: CALLER, from: GW1, tried: [GW1], near: [] },
    ]);
    const told = chosen(orphan, CALLER);
    expect(told.effects).toEqual([{ type: 'moveLeg', callSid: 'CA1', legId: CALLER, from: GW1, to: GW2 }]);
    const there = moved(told, CALLER);
    expect(there.context.legs[CALLER]).toMatchObject(GW2);
    expect(there.context.legs[CALLER]!.moving).toBeUndefined();
    expect(there.effects).toEqual([]);
    expect(commands(there.when('CallHangupRequested', { reason: 'completed' }))).toEqual([
      'gw2 caller: HangupRequested',
    ]);
  });

  it('is nobody’s to take before it is answered, in another gateway, or in a call that ends', () => {
    expect(lost(call(received)).effects).toEqual([]);
    expect(lost(listening, GW2).effects).toEqual([]);
    const ends = listening.when('CallHangupRequested', { reason: 'completed' });
    expect(lost(ends).effects).toEqual([]);
  });

  it('is offered to one after the other', () => {
    const again = refused(chosen(lost(listening), CALLER), CALLER);
    expect(again.effects).toMatchObject([{ type: 'findAdopter', legId: CALLER, tried: [GW1, GW2] }]);
    expect(moved(chosen(again, CALLER, GW3), CALLER, GW3).context.legs[CALLER]).toMatchObject(GW3);
    // What an earlier one says late is about nothing any more.
    expect(refused(chosen(again, CALLER, GW3), CALLER).taken).toBe(false);
  });

  it('is offered to another one when the one that was to take it is gone, too', () => {
    const again = lost(chosen(lost(listening), CALLER), GW2);
    expect(again.effects).toMatchObject([{ type: 'findAdopter', legId: CALLER, tried: [GW1, GW2] }]);
  });

  it('waits for its own when there is none, and is looked for one for when that is lost again', () => {
    const waits = nobody(lost(listening), CALLER);
    expect(waits.context.legs[CALLER]).toMatchObject(GW1);
    expect(waits.context.lastFailure).toMatchObject({ code: 'routing.no-adopter' });
    expect(chosen(waits, CALLER).taken).toBe(false);
    expect(lost(waits).effects).toMatchObject([{ type: 'findAdopter', tried: [GW1] }]);
  });

  it('is asked for again by a router that takes the call over', () => {
    const takeOver = (then: CallThen) => then.when('CallTakenOver', { router: 'us1/r2', from: '' }).effects;
    expect(takeOver(lost(listening))).toContainEqual(expect.objectContaining({ type: 'findAdopter' }));
    expect(takeOver(chosen(lost(listening), CALLER))).toContainEqual(
      expect.objectContaining({ type: 'moveLeg', to: GW2 }),
    );
  });

  it('is hung up where it went when the call has ended meanwhile', () => {
    const ends = chosen(lost(listening), CALLER).when('CallHangupRequested', { reason: 'completed' });
    const there = moved(ends, CALLER);
    expect(there.state).toBe('ending');
    expect(commands(there)).toEqual(['gw2 caller: HangupRequested']);
  });

  it('is none that the call does not have', () => {
    expect(moved(call(received), 'LEx').taken).toBe(false);
    expect(chosen(lost(listening), 'LEx').taken).toBe(false);
  });
});

describe('legs that talked to each other', () => {
  const both = lost(talking);

  it('are looked for gateways for, near each other', () => {
    expect(both.effects).toMatchObject([
      { type: 'findAdopter', legId: CALLER, near: [] },
      { type: 'findAdopter', legId: CALLEE, near: [] },
    ]);
    // The one that is chosen for says where the other had better go, should it be asked for again.
    const again = refused(chosen(chosen(both, CALLER), CALLEE, GW3), CALLEE, GW3);
    expect(again.effects).toMatchObject([{ type: 'findAdopter', legId: CALLEE, near: [GW2] }]);
  });

  it('are joined again when both have arrived', () => {
    const one = moved(chosen(chosen(both, CALLER), CALLEE), CALLER);
    expect(commands(one)).toEqual([]);
    const all = moved(one, CALLEE);
    expect(commands(all)).toEqual([
      'gw2 caller: BridgeRequested callee',
      'gw2 callee: BridgeRequested caller',
    ]);
    expect(all.context.media).toMatchObject({ path: { nodes: [GW2] } });
    expect(all.context.media.broken).toBeUndefined();
    expect(all.state).toBe('running.dialling.talking');
  });

  it('are joined by a way that the policy chooses when they are in different gateways then', () => {
    const apart = moved(moved(chosen(chosen(both, CALLER), CALLEE, GW3), CALLER), CALLEE, GW3);
    expect(apart.effects).toMatchObject([{ type: 'choosePath', from: CALLER, to: CALLEE, legs: [GW2, GW3] }]);
  });

  it('are joined when the other one stays with its gateway', () => {
    const one = nobody(moved(chosen(both, CALLER), CALLER), CALLEE);
    expect(one.effects).toMatchObject([{ type: 'choosePath', from: CALLER, to: CALLEE, legs: [GW2, GW1] }]);
  });

  it('go on with what comes next when the callee has left meanwhile', () => {
    const then = chosen(chosen(both, CALLER), CALLEE).when('CallLegLeft', {
      legId: CALLEE,
      reason: 'failed',
      by: 'router',
    });
    expect(then.state).toBe('running.speaking');
    const there = moved(then, CALLER);
    expect(there.effects).toEqual([]);
  });
});

describe('a leg whose partner is in another region', () => {
  const abroad = unplaced(received, fetched(dial(), say('Bye')))
    .when('CallLegPlaced', (before) => ({ ...callee(0)(before), ...DE }))
    .when('CallLegAnswered', callee(0));
  const { pathId, to } = abroad.context.media.asked!;
  const node = (place: typeof GW1) => ({ ...place, codec: 'PCMU', services: [] });
  const data = { pathId, from: CALLER, to: to!, mode: 'multi-regional', reason: 'bridge' };
  const chosenPath = abroad.when('MediaPathChosen', { ...data, nodes: [node(GW1), node(DE)] });
  const pipes = chosenPath.context.media.next!.pipes.map(({ id }) => id);
  const end = { address: '127.0.1.1', port: 1, srtpSuite: 'AEAD_AES_256_GCM', srtpKey: 'secret' };

  it('is joined with it by another way, and what was being made is given up', () => {
    const there = moved(chosen(lost(chosenPath), CALLER), CALLER);
    const legs = [
      { ...GW2, legId: CALLER },
      { ...DE, legId: to },
    ];
    expect(there.effects).toMatchObject([
      ...pipes.map((legId) => ({ type: 'command', legId, message: { type: 'PipeEndRequested' } })),
      { type: 'choosePath', from: CALLER, to, legs },
    ]);
  });

  it('keeps the way in use until there is another', () => {
    const open = pipes.reduce(
      (then, pipeId) => then.when('CallPipeOpened', { pipeId, end }).when('CallPipeConnected', { pipeId }),
      chosenPath,
    );
    expect(open.context.media.path).toBeDefined();
    const there = moved(chosen(lost(open), CALLER), CALLER);
    expect(there.context.media).toMatchObject({ broken: true, path: { id: pathId } });
    expect(there.effects).toMatchObject([{ type: 'choosePath', legs: [GW2, DE] }]);
  });
});

it('a callee that left is not looked for a gateway for', () => {
  const alone = call(received, fetched(dial(), say('Bye')), answered(0), left(0));
  expect(lost(alone).effects).toMatchObject([{ type: 'findAdopter', legId: CALLER }]);
});
