import { describe, expect, it } from '@jest/globals';
import { given, START, said } from '../../testing/given.ts';
import { type GatewayContext, gatewayKind } from './gateway-machine.ts';

const about = {
  ...{ region: 'ie1', gateway: 'gw1', node: 'ie1/gw1', version: '0.1.0', capacity: 100 },
  ...{ addresses: ['sip:192.0.2.1:5060;transport=udp'], trunks: ['carrier'] },
};
const started = said<'GatewayStarted', GatewayContext>('GatewayStarted', about);
const drains = said<'GatewayDrainRequested', GatewayContext>('GatewayDrainRequested', {});
const stops = said<'GatewayStopped', GatewayContext>('GatewayStopped', { reason: 'upgrade' });
const gateway = (...events: (typeof started | typeof drains | typeof stops)[]) =>
  given<never, GatewayContext>(gatewayKind, ...events);

describe('a gateway', () => {
  it('comes up, and says what it can do', () => {
    expect(gateway().when('GatewayStarted', about)).toMatchObject({
      state: 'up',
      context: { ...about, startedAt: START + 1, crashes: 0 },
    });
  });

  it('takes no new calls while it drains, and may take some again', () => {
    const draining = gateway(started).when('GatewayDrainRequested', {});
    expect(draining.state).toBe('draining');
    expect(draining.when('GatewayResumed', {}).state).toBe('up');
    expect(gateway(started).when('GatewayResumed', {}).taken).toBe(false);
  });

  it.each([
    ['up', [started]],
    ['draining', [started, drains]],
  ])('that is %s goes down, by itself or in a crash, which is counted', (_state, events) => {
    const stopped = gateway(...events).when('GatewayStopped', { reason: 'upgrade' });
    expect(stopped).toMatchObject({ state: 'down', context: { crashes: 0 } });
    const crashed = gateway(...events).when('OwnerRestarted', { node: 'ie1/gw1' });
    expect(crashed).toMatchObject({ state: 'down', context: { crashes: 1 } });
  });

  it('comes up again with what it is then, and never ends', () => {
    const again = gateway(started, stops).when('GatewayStarted', { ...about, capacity: 200 });
    expect(again).toMatchObject({ state: 'up', done: false, context: { capacity: 200 } });
  });

  it('that is down takes nothing but a start', () => {
    expect(gateway().when('GatewayDrainRequested', {}).taken).toBe(false);
    expect(gateway().when('OwnerRestarted', { node: 'ie1/gw1' }).taken).toBe(false);
  });
});
