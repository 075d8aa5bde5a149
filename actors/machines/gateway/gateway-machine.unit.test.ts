import { describe, expect, it } from '@jest/globals';
import { given, type Said, START, said } from '../../testing/given.ts';
import { type GatewayContext, type GatewayEffect, gatewayKind } from './gateway-machine.ts';

const trunk = { name: 'carrier', prefixes: ['+1'], cost: 0.5, customerCost: 1 };
const about = {
  region: 'ie1',
  gateway: 'gw1',
  node: 'ie1/gw1',
  version: '0.1.0',
  capacity: 100,
  addresses: ['sip:192.0.2.1:5060;transport=udp'],
  trunks: [trunk],
  kinds: ['sip'],
  codecs: ['PCMU'],
  services: [{ name: 'speech', capacity: 10, cost: 0 }],
};
const started = said<'GatewayStarted', GatewayContext>('GatewayStarted', about);
const drains = said<'GatewayDrainRequested', GatewayContext>('GatewayDrainRequested', {});
const stops = said<'GatewayStopped', GatewayContext>('GatewayStopped', { reason: 'upgrade' });
const fills = said<'GatewayFilled', GatewayContext>('GatewayFilled', { legs: 100 });
const gateway = (...events: Said<GatewayContext>[]) =>
  given<GatewayEffect, GatewayContext>(gatewayKind, ...events);
const loss = { trunk: 'carrier', code: 'sip.no-answer', message: 'Nothing came' };

describe('a gateway', () => {
  it('comes up, and says what it can do', () => {
    expect(gateway().when('GatewayStarted', about)).toMatchObject({
      state: 'running.open',
      context: { ...about, startedAt: START + 1, crashes: 0, draining: false },
    });
  });

  it('is full until some legs have left', () => {
    const full = gateway(started).when('GatewayFilled', { legs: 100 });
    expect(full.state).toBe('running.full');
    expect(full.when('GatewayFilled', { legs: 100 }).taken).toBe(false);
    expect(full.when('GatewayEased', { legs: 90 }).state).toBe('running.open');
  });

  it.each([
    ['open', [started]],
    ['full', [started, fills]],
  ])('that is %s takes no new calls while it drains, and may take some again', (_state, events) => {
    const draining = gateway(...events).when('GatewayDrainRequested', {});
    expect(draining).toMatchObject({
      state: 'running.draining',
      effects: [{ type: 'admit', open: false }],
    });
    expect(draining.when('GatewayDrainRequested', {}).taken).toBe(false);
    const resumed = draining.when('GatewayResumed', {});
    expect(resumed).toMatchObject({
      state: 'running.open',
      context: { draining: false },
      effects: [{ type: 'admit', open: true }],
    });
    expect(gateway(started).when('GatewayResumed', {}).taken).toBe(false);
  });

  it.each([
    ['it was stopped', [stops]],
    ['it crashed', [said<'OwnerRestarted', GatewayContext>('OwnerRestarted', { node: 'ie1/gw1' })]],
  ])('that drained still drains when it is back after %s, until it may go on', (_how, ends) => {
    const back = gateway(started, drains, ...ends).when('GatewayStarted', about);
    expect(back).toMatchObject({
      state: 'running.draining',
      context: { draining: true },
      effects: [{ type: 'admit', open: false }],
    });
    const again = back.when('GatewayResumed', {}).when('GatewayStopped', { reason: 'upgrade' });
    expect(again.when('GatewayStarted', about).state).toBe('running.open');
  });

  it('knows which providers do not answer, until they do or it starts anew', () => {
    const lost = gateway(started).when('TrunkLost', loss);
    expect(lost.context.lostTrunks).toEqual(['carrier']);
    expect(lost.when('TrunkLost', loss).taken).toBe(false);
    expect(lost.when('TrunkFound', { trunk: 'carrier' }).context.lostTrunks).toEqual([]);
    expect(gateway(started).when('TrunkFound', { trunk: 'carrier' }).taken).toBe(false);
    expect(gateway(started).when('TrunkLost', { ...loss, trunk: 'another' }).taken).toBe(false);
    const back = lost.when('GatewayStopped', { reason: 'upgrade' }).when('GatewayStarted', about);
    expect(back.context.lostTrunks).toEqual([]);
  });

  it.each([
    ['open', [started]],
    ['full', [started, fills]],
    ['draining', [started, drains]],
  ])('that is %s goes down, by itself or in a crash, which is counted', (_state, events) => {
    const stopped = gateway(...events).when('GatewayStopped', { reason: 'upgrade' });
    expect(stopped).toMatchObject({ state: 'down', context: { crashes: 0 } });
    const crashed = gateway(...events).when('OwnerRestarted', { node: 'ie1/gw1' });
    expect(crashed).toMatchObject({ state: 'down', context: { crashes: 1 } });
  });

  it('comes up again with what it is then, and never ends', () => {
    const again = gateway(started, stops).when('GatewayStarted', { ...about, capacity: 200 });
    expect(again).toMatchObject({ state: 'running.open', done: false, context: { capacity: 200 } });
  });

  it('that is down takes nothing but a start', () => {
    expect(gateway().when('GatewayDrainRequested', {}).taken).toBe(false);
    expect(gateway().when('OwnerRestarted', { node: 'ie1/gw1' }).taken).toBe(false);
  });
});
