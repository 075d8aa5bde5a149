import { describe, expect, it } from '@jest/globals';
import type { Network } from './network.ts';
import { changesOf } from './network-changes.ts';

const network = ({
  healthy = true,
  legs = 0,
  poor = false,
  up = true,
  rtt = 10,
  speech = true,
} = {}): Network => ({
  regions: [
    {
      name: 'uk1',
      main: false,
      healthy: true,
      cost: 0,
      routers: [],
      gateways: [
        {
          name: 'gw1',
          kinds: ['sip'],
          healthy,
          draining: false,
          legs,
          capacity: 10,
          codecs: [],
          trunks: [],
        },
      ],
      services: [{ name: 'speech', gateway: 'gw1', healthy: speech, load: 0, capacity: 1 }],
    },
  ],
  routes: [
    {
      from: 'uk1',
      to: 'de1',
      rtt,
      jitter: 0,
      loss: 0,
      cost: 0,
      load: 0,
      capacity: 1,
      up,
      poor,
      measured: true,
    },
  ],
});

describe('what concerns calls under way', () => {
  it('is not how full or how far something is', () => {
    expect(changesOf(network(), network({ legs: 5, rtt: 20 }))).toEqual({ lost: [] });
  });

  it('is a gateway that went away, and not that it is away still, or back', () => {
    const lost = [{ region: 'uk1', gateway: 'gw1' }];
    expect(changesOf(network(), network({ healthy: false })).lost).toEqual(lost);
    expect(changesOf(network(), { regions: [], routes: [] }).lost).toEqual(lost);
    expect(changesOf(network({ healthy: false }), network({ healthy: false })).lost).toEqual([]);
    expect(changesOf(network({ healthy: false }), network()).lost).toEqual([]);
  });

  it.each([
    ['the way from uk1 to de1 is bad', {}, { poor: true }],
    ['the way from uk1 to de1 is bad', {}, { up: false }],
    ['the way from uk1 to de1 is good', { poor: true }, {}],
    ['speech of uk1/gw1 is gone', {}, { speech: false }],
    ['speech of uk1/gw1 is there', { speech: false }, {}],
  ])('is that %s', (review, before, after) => {
    expect(changesOf(network(before), network(after))).toEqual({ lost: [], review });
  });
});
