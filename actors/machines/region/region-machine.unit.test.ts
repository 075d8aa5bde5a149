import { describe, expect, it } from '@jest/globals';
import { given, START, said } from '../../testing/given.ts';
import { type RegionContext, regionKind } from './region-machine.ts';

const about = {
  region: 'ie1',
  node: 'ie1',
  version: '0.1.0',
  cost: 0.1,
  peers: [{ region: 'de1', cost: 0.2, capacity: 100 }],
};
const loss = (peer: string) => ({ peer, code: 'link.closed', message: 'Gone' });
const up = () =>
  given<never, RegionContext>(regionKind, said<'RegionStarted', RegionContext>('RegionStarted', about));

describe('a region', () => {
  it('is alone when it starts', () => {
    expect(up()).toMatchObject({ state: 'up.alone', context: { ...about, startedAt: START + 1, links: {} } });
  });

  it('is connected while a link to any main region stands', () => {
    const one = up().when('LinkConnected', { peer: 'us1' });
    expect(one).toMatchObject({ state: 'up.connected', context: { links: { us1: START + 2 } } });
    const both = one.when('LinkConnected', { peer: 'de1' });
    const left = both.when('LinkLost', loss('us1'));
    expect(left).toMatchObject({ state: 'up.connected', context: { lastLoss: { peer: 'us1' } } });
    expect(Object.keys(left.context.links)).toEqual(['de1']);
    expect(left.when('LinkLost', loss('de1'))).toMatchObject({ state: 'up.alone', context: { links: {} } });
  });

  it('stays connected when a link is lost that did not stand', () => {
    const one = up().when('LinkConnected', { peer: 'us1' });
    expect(one.when('LinkLost', loss('de1')).state).toBe('up.connected');
  });

  it('knows which of its peers answer', () => {
    const one = up().when('PeerConnected', { peer: 'de1' });
    expect(one).toMatchObject({ state: 'up.alone', context: { reached: { de1: START + 2 } } });
    expect(up().when('PeerConnected', { peer: 'fr1' }).taken).toBe(false);
    expect(one.when('PeerLost', loss('de1')).context.reached).toEqual({});
    expect(up().when('PeerLost', loss('de1')).taken).toBe(false);
    expect(one.when('OwnerRestarted', { node: 'ie1' }).context.reached).toEqual({});
  });

  it.each([
    ['RegionStopped', { reason: 'upgrade' }],
    ['OwnerRestarted', { node: 'ie1' }],
  ] as const)('is down after %s, without links, until it starts again', (type, data) => {
    const down = up()
      .when('LinkConnected', { peer: 'us1' })
      .when(type, data as never);
    expect(down).toMatchObject({ state: 'down', done: false });
    expect(down.context.links).toEqual({});
    expect(down.when('LinkConnected', { peer: 'us1' }).taken).toBe(false);
    expect(down.when('RegionStarted', about).state).toBe('up.alone');
  });
});
