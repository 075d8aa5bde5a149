import { describe, expect, it } from '@jest/globals';
import { QualityMeter } from './quality-meter.ts';

const counted = (changes: object = {}) => ({
  sentPackets: 0,
  receivedPackets: 0,
  lost: 0,
  jitter: 0,
  ...changes,
});

describe('the quality of a route', () => {
  it('is that of its streams since they were sampled before, each as much as it has packets', () => {
    const meter = new QualityMeter();
    meter.sample('a', 'carrier', counted({ receivedPackets: 900, lost: 100, jitter: 9 }));
    meter.take();
    meter.sample('a', 'carrier', counted({ receivedPackets: 1190, lost: 110, jitter: 2, roundTrip: 40 }));
    meter.sample('b', 'carrier', counted({ receivedPackets: 100, jitter: 6 }));
    meter.sample('c', 'other', counted({ receivedPackets: 1 }));
    const taken = meter.take();
    expect([...taken.keys()]).toEqual(['carrier', 'other']);
    expect(taken.get('carrier')).toEqual({
      heard: { streams: 2, packets: 400, loss: 0.025, jitter: 3, roundTrip: 40, mos: expect.any(Number) },
    });
    expect(taken.get('carrier')!.heard!.mos).toBeCloseTo(4.1, 1);
    expect(meter.take().size).toBe(0);
  });

  it('has what peers report of us beside what we hear, from one of their reports to the next', () => {
    const meter = new QualityMeter();
    const told = (remoteHighest: number, remoteLost: number) =>
      counted({ sentPackets: remoteHighest, remoteHighest, remoteLost, remoteJitter: 5, roundTrip: 80 });
    meter.sample('a', 'us1', told(65_000, 3));
    expect(meter.take().get('us1')).toEqual({});
    meter.sample('a', 'us1', told(65_200, 13));
    expect(meter.take().get('us1')).toMatchObject({
      told: { streams: 1, packets: 200, loss: 0.05, jitter: 5, roundTrip: 80 },
    });
    // No report came meanwhile.
    meter.sample('a', 'us1', { ...told(65_200, 13), sentPackets: 65_400 });
    expect(meter.take().get('us1')).toEqual({});
  });

  it('takes what was sent for what was expected where a peer does not say', () => {
    const meter = new QualityMeter();
    meter.sample('a', 'us1', counted({ sentPackets: 200, remoteLost: 20, remoteJitter: 1 }));
    expect(meter.take().get('us1')).toMatchObject({ told: { packets: 200, loss: 0.1 } });
  });

  it('counts no loss below none, which duplicates would make, and none beyond all', () => {
    const meter = new QualityMeter();
    meter.sample(
      'a',
      'us1',
      counted({ receivedPackets: 10, lost: -5, sentPackets: 10, remoteLost: 50, remoteJitter: 0 }),
    );
    expect(meter.take().get('us1')).toMatchObject({ heard: { loss: 0 }, told: { loss: 1 } });
  });
});
