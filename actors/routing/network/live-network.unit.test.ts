import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { GatewayReport } from '../../link/gateway-report.ts';
import { LiveNetwork } from './live-network.ts';

const GW1 = { region: 'ie1', gateway: 'gw1' };
const GW2 = { region: 'ie1', gateway: 'gw2' };

const gatewayStarted = (gateway: string, changes: object = {}) => ({
  stream: `gateway-ie1-${gateway}`,
  region: 'ie1',
  type: 'GatewayStarted',
  data: {
    region: 'ie1',
    gateway,
    node: `ie1/${gateway}-1`,
    version: '0.1.0',
    capacity: 100,
    addresses: ['sip:192.0.2.1:5060;transport=udp'],
    kinds: ['sip'],
    codecs: ['PCMU'],
    trunks: [
      { name: 'carrier', prefixes: ['+1'], cost: 0.5, customerCost: 1 },
      { name: 'incoming', prefixes: [], cost: 0, customerCost: 0 },
    ],
    services: [{ name: 'speech', capacity: 10, cost: 0 }],
    ...changes,
  },
});
const regionStarted = {
  stream: 'region-ie1',
  region: 'ie1',
  type: 'RegionStarted',
  data: {
    region: 'ie1',
    node: 'ie1/gw1-1',
    version: '0.1.0',
    cost: 0.1,
    peers: [{ region: 'us1', cost: 0.2, capacity: 50 }],
  },
};
const happened = (stream: string, type: string, data: object = {}) => ({ stream, region: 'ie1', type, data });
const report = (changes: Partial<GatewayReport> = {}): GatewayReport => ({
  legs: 0,
  draining: false,
  services: [],
  trunks: [],
  routes: [],
  ...changes,
});
const quality = (changes: object = {}) => ({
  streams: 1,
  packets: 1000,
  loss: 0,
  jitter: 2,
  roundTrip: 30,
  mos: 4.3,
  ...changes,
});

let network: LiveNetwork;
let lost: string[];
let found: string[];

beforeEach(() => {
  jest.useFakeTimers();
  lost = [];
  found = [];
  network = new LiveNetwork({
    onGatewayLost: ({ gateway }, reason) => void lost.push(`${gateway}: ${reason}`),
    onGatewayFound: ({ gateway }) => void found.push(gateway),
  });
});
afterEach(() => {
  network.close();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

const gateway = (name = 'gw1') => {
  const [region] = network.current().regions;
  return region!.gateways.find((one) => one.name === name);
};

describe('a live network', () => {
  it('has the public keys of a region’s gateways, and none when one of them has none', () => {
    network.take(gatewayStarted('gw1', { sealingKey: 'key 1' }));
    network.take(gatewayStarted('gw2', { sealingKey: 'key 2' }));
    expect(network.sealingKeys('ie1')).toEqual(['key 1', 'key 2']);
    expect(network.sealingKeys('us1')).toEqual([]);
    network.take(gatewayStarted('gw2', { sealingKey: 'key 3' }));
    expect(network.sealingKeys('ie1')).toEqual(['key 1', 'key 3']);
    network.take(gatewayStarted('gw2'));
    expect(network.sealingKeys('ie1')).toEqual([]);
    network.take(happened('gateway-ie1-gw2', 'GatewayStopped'));
    expect(network.sealingKeys('ie1')).toEqual(['key 1']);
  });

  it('has what gateways and regions say when they start', () => {
    network.take(regionStarted);
    network.take(gatewayStarted('gw1'));
    network.linked(GW1);
    expect(network.current()).toEqual({
      regions: [
        {
          name: 'ie1',
          main: false,
          healthy: true,
          cost: 0.1,
          routers: [],
          gateways: [
            {
              name: 'gw1',
              kinds: ['sip'],
              healthy: true,
              draining: false,
              legs: 0,
              capacity: 100,
              codecs: ['PCMU'],
              trunks: [{ name: 'carrier', prefixes: ['+1'], up: true, cost: 0.5, customerCost: 1 }],
            },
          ],
          services: [{ name: 'speech', gateway: 'gw1', healthy: true, load: 0, capacity: 10, cost: 0 }],
        },
      ],
      routes: [
        {
          from: 'ie1',
          to: 'us1',
          rtt: 0,
          jitter: 0,
          loss: 0,
          cost: 0.2,
          load: 0,
          capacity: 50,
          up: false,
          poor: false,
          measured: false,
        },
      ],
    });
  });

  it('is the same object until something changes', () => {
    network.take(gatewayStarted('gw1'));
    const before = network.current();
    expect(network.current()).toBe(before);
    network.take(happened('leg-LE1', 'LegOffered'));
    network.take(happened('gateway-ie1-gw1', 'GatewayFilled', { legs: 100 }));
    expect(network.current()).toBe(before);
    network.reported(GW1, report({ legs: 1 }));
    expect(network.current()).not.toBe(before);
  });

  it('knows loads, trunks and the ways to other regions from reports', () => {
    network.take(regionStarted);
    network.take(gatewayStarted('gw1'));
    network.take(gatewayStarted('gw2'));
    network.reported(
      GW1,
      report({
        legs: 7,
        services: [{ name: 'speech', sessions: 3, healthy: true }],
        trunks: [{ name: 'carrier', up: false }],
        routes: [
          { region: 'us1', up: true, roundTrip: 80, jitter: 1, pipes: 2, heard: quality({ loss: 0.01 }) },
        ],
      }),
    );
    network.reported(
      GW2,
      report({
        routes: [{ region: 'us1', up: true, pipes: 4, told: quality({ loss: 0.03, jitter: 4, mos: 4 }) }],
      }),
    );
    const [region] = network.current().regions;
    expect(gateway()).toMatchObject({ legs: 7, trunks: [{ name: 'carrier', up: false }] });
    expect(region!.services[0]).toMatchObject({ gateway: 'gw1', load: 3 });
    expect(network.current().routes).toMatchObject([
      { rtt: 80, jitter: 3, loss: 0.02, mos: 4, load: 6, up: true, measured: true },
    ]);
  });

  it('goes by the last quality that was heard when nobody talks', () => {
    network.take(regionStarted);
    network.take(gatewayStarted('gw1'));
    const way = { region: 'us1', up: true, roundTrip: 80, jitter: 1, pipes: 1 };
    network.reported(GW1, report({ routes: [{ ...way, heard: quality({ loss: 0.05 }) }] }));
    network.reported(GW1, report({ routes: [way] }));
    expect(network.current().routes).toMatchObject([{ loss: 0.05 }]);
  });

  it('calls a way poor when several reports say so, and good again when more do', () => {
    network.take(regionStarted);
    network.take(gatewayStarted('gw1'));
    const way = { region: 'us1', up: true, roundTrip: 80, jitter: 1, pipes: 1 };
    const says = (loss: number) =>
      network.reported(
        GW1,
        report({ routes: [{ ...way, heard: quality({ loss, mos: loss > 0 ? 2 : 4.3 }) }] }),
      );
    const poor = () => network.current().routes[0]!.poor;
    says(0.2);
    expect(poor()).toBe(false);
    says(0.2);
    expect(poor()).toBe(true);
    says(0);
    expect(poor()).toBe(true);
    for (let count = 0; count < 4; count += 1) says(0);
    expect(poor()).toBe(false);
  });

  it('gives a gateway whose link is gone some seconds, and notices its return', () => {
    network.take(gatewayStarted('gw1'));
    network.take(gatewayStarted('gw2'));
    network.linked(GW1);
    network.unlinked(GW1, 'link.silent');
    jest.advanceTimersByTime(4999);
    expect(gateway()!.healthy).toBe(true);
    jest.advanceTimersByTime(1);
    expect([gateway()!.healthy, gateway('gw2')!.healthy]).toEqual([false, true]);
    expect(lost).toEqual(['gw1: link.silent']);
    expect(network.gateways()[0]).toMatchObject({ healthy: false, linked: false });
    network.linked(GW1);
    expect(gateway()!.healthy).toBe(true);
    expect(found).toEqual(['gw1']);
  });

  it('takes a short break of a link for nothing', () => {
    network.take(gatewayStarted('gw1'));
    network.unlinked(GW1, 'link.lost');
    jest.advanceTimersByTime(4000);
    network.linked(GW1);
    jest.advanceTimersByTime(60_000);
    expect([lost, found, gateway()!.healthy]).toEqual([[], [], true]);
  });

  it('knows who drains, by event before any report says so, and who was stopped', () => {
    network.take(gatewayStarted('gw1'));
    network.take(happened('gateway-ie1-gw1', 'GatewayDrainRequested'));
    expect(gateway()!.draining).toBe(true);
    network.take(happened('gateway-ie1-gw1', 'GatewayResumed'));
    expect(gateway()!.draining).toBe(false);
    network.take(happened('gateway-ie1-gw1', 'GatewayStopped', { reason: 'stopped' }));
    expect(gateway()!.healthy).toBe(false);
    expect(network.current().regions[0]!.healthy).toBe(false);
    network.take(gatewayStarted('gw1'));
    expect(gateway()!.healthy).toBe(true);
  });

  it('leaves a way out of which nobody knows how far it is', () => {
    network.take(regionStarted);
    network.take(happened('region-ie1', 'PeerConnected', { peer: 'us1' }));
    expect(network.current().routes).toEqual([]);
  });

  it('has the routers that it is told of', () => {
    const router = { name: 'r1', healthy: true, draining: false, calls: 3, capacity: 1000 };
    network.setRouters('us1', [router]);
    expect(network.current().regions).toMatchObject([
      { name: 'us1', main: true, healthy: true, routers: [router] },
    ]);
  });
});
