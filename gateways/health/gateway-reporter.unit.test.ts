import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { GatewayReport } from '@tandem/actors/link';
import { noDrops } from '../media/rtp/media-stats.ts';
import { GatewayReporter } from './gateway-reporter.ts';
import { MediaWays } from './media-ways.ts';

const stats = {
  sentPackets: 0,
  sentOctets: 0,
  receivedPackets: 250,
  receivedOctets: 40_000,
  lost: 0,
  jitter: 1,
  dropped: noDrops(),
};

let sent: GatewayReport[];
let legs: number;
let losses: Map<string, number>;
let ways: MediaWays;
let reporter: GatewayReporter;
/** Sessions that are asked and have not answered, now and at most. */
let asked: { now: number; most: number };

const happened = (stream: string, type: string, data: object = {}) => ways.take({ stream, type, data });

beforeEach(() => {
  jest.useFakeTimers();
  sent = [];
  legs = 0;
  losses = new Map();
  asked = { now: 0, most: 0 };
  ways = new MediaWays();
  reporter = new GatewayReporter({
    capacity: 200,
    trunks: ['carrier', 'second'],
    peers: ['us1'],
    legs: () => legs,
    draining: () => false,
    lostTrunks: () => new Set(['second']),
    services: () => [{ name: 'speech', sessions: 2, healthy: true }],
    routes: () => [{ region: 'us1', up: true, roundTrip: 80, jitter: 2 }],
    sessions: () => ways.entries(),
    contested: () => ({ legs: 2, packets: 42 }),
    stats: async (id) => {
      if (id === 'gone') throw new Error('It has ended.');
      asked.now += 1;
      asked.most = Math.max(asked.most, asked.now);
      await Promise.resolve();
      asked.now -= 1;
      return { ...stats, lost: losses.get(id) ?? 0 };
    },
    send: (report) => void sent.push(report),
    onError: (error) => {
      throw error;
    },
  });
});
afterEach(async () => {
  await reporter.close();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

describe('a gateway’s reports', () => {
  it('come every five seconds, with the quality of each way', async () => {
    happened('leg-in', 'LegOffered', { trunk: 'carrier', callSid: 'CA1' });
    happened('leg-out', 'LegRequested', {
      callSid: 'CA1',
      routes: [{ trunk: 'first' }, { trunk: 'second' }],
    });
    happened('leg-out', 'AnswerReceived', { route: 1 });
    happened('leg-gone', 'LegOffered', { trunk: 'carrier' });
    happened('leg-uri', 'LegRequested', { callSid: 'CA2', routes: [{ trunk: '' }] });
    happened('leg-uri', 'AnswerReceived', { route: 0 });
    happened('pipe-PI1', 'PipeRequested', { towards: 'de1' });
    legs = 3;
    await jest.advanceTimersByTimeAsync(5000);
    const quality = { streams: 1, packets: 250, loss: 0, jitter: 1, mos: expect.any(Number) };
    expect(sent).toEqual([
      {
        legs: 3,
        draining: false,
        services: [{ name: 'speech', sessions: 2, healthy: true }],
        trunks: [
          { name: 'carrier', up: true, heard: quality },
          { name: 'second', up: false, heard: quality },
        ],
        sipUris: { heard: quality },
        contested: { legs: 2, packets: 42 },
        worst: [
          { legId: 'in', callSid: 'CA1', trunk: 'carrier', heard: quality },
          { legId: 'out', callSid: 'CA1', trunk: 'second', heard: quality },
          { legId: 'uri', callSid: 'CA2', trunk: '', heard: quality },
        ],
        routes: [
          { region: 'us1', up: true, roundTrip: 80, jitter: 2, pipes: 0 },
          { region: 'de1', up: true, pipes: 1, heard: quality },
        ],
      },
    ]);
    for (const leg of ['in', 'out', 'gone', 'uri']) happened(`leg-${leg}`, 'LegEnded');
    happened('pipe-PI1', 'PipeEnded');
    expect(ways.entries()).toEqual([]);
  });

  it('have the quality of all sessions, of which a hundred are asked at a time', async () => {
    for (let leg = 0; leg < 250; leg++) happened(`leg-${leg}`, 'LegOffered', { trunk: 'carrier' });
    await jest.advanceTimersByTimeAsync(5000);
    expect(sent[0]?.trunks[0]?.heard).toMatchObject({ streams: 250, packets: 250 * 250 });
    expect(asked).toEqual({ now: 0, most: 100 });
  });

  it('name the ten legs in progress that sound worst, either way', async () => {
    for (let leg = 0; leg < 30; leg++) {
      happened(`leg-${leg}`, 'LegOffered', { trunk: 'carrier', callSid: `CA${leg}` });
      losses.set(String(leg), leg);
    }
    await jest.advanceTimersByTimeAsync(5000);
    const named = () => sent.at(-1)?.worst?.map(({ legId }) => legId);
    expect(named()).toEqual(['29', '28', '27', '26', '25', '24', '23', '22', '21', '20']);
    expect(sent.at(-1)?.worst?.[0]).toMatchObject({ callSid: 'CA29', heard: { packets: 279, streams: 1 } });
    happened('leg-29', 'LegEnded');
    reporter.changed();
    await jest.advanceTimersByTimeAsync(60);
    expect(named()).toEqual(['28', '27', '26', '25', '24', '23', '22', '21', '20']);
  });

  it('come once more at the end', async () => {
    legs = 1;
    await reporter.close();
    expect(sent.map((report) => report.legs)).toEqual([1]);
  });

  it('come at once when something changes much, several changes in one', async () => {
    legs = 3;
    reporter.legs(legs);
    await jest.advanceTimersByTimeAsync(60);
    expect(sent).toEqual([]);
    legs = 4;
    reporter.legs(legs);
    reporter.changed();
    await jest.advanceTimersByTimeAsync(60);
    expect(sent.map((report) => report.legs)).toEqual([4]);
    legs = 7;
    reporter.legs(legs);
    await jest.advanceTimersByTimeAsync(60);
    expect(sent).toHaveLength(1);
  });
});
