import { describe, expect, it } from '@jest/globals';
import { tandem } from '@tandem/proto/generated/link.js';
import { limits } from '../peers/limits.ts';
import { decodeReport, type GatewayReport } from './gateway-report.ts';

const { Report } = tandem.link.v1;

const quality = { streams: 2, packets: 100, loss: 0.01, jitter: 3, roundTrip: 40, mos: 4.2 };
const report: GatewayReport = {
  legs: 7,
  draining: true,
  services: [{ name: 'speech', sessions: 1, healthy: true }],
  trunks: [
    { name: 'carrier', up: true, heard: quality, told: { streams: 1, packets: 3, loss: 0, jitter: 0 } },
  ],
  sipUris: { heard: quality },
  worst: [{ legId: 'LE1', callSid: 'CA1', trunk: '', told: quality }],
  contested: { legs: 2, packets: 1e6 },
  routes: [
    { region: 'us1', up: true, roundTrip: 80, jitter: 1, pipes: 4, told: quality },
    { region: 'de1', up: false, pipes: 0 },
  ],
};

describe('a gateway’s report', () => {
  it('arrives as it was given, with what is not known left out', () => {
    const bytes = Report.encode(report as tandem.link.v1.Report.$Properties).finish();
    expect(decodeReport(Report.decode(bytes), 'Gateway ie1/gw1')).toEqual(report);
    const empty = { services: [], trunks: [], worst: [], routes: [] };
    expect(decodeReport({}, '')).toEqual({ legs: 0, draining: false, ...empty });
  });

  it.each([
    ['loss beyond all', { trunks: [{ name: 'a', heard: { loss: 1.5 } }] }],
    ['a figure that is none', { routes: [{ region: 'a', jitter: Number.NaN }] }],
    ['a figure without bounds', { routes: [{ region: 'a', roundTrip: Number.POSITIVE_INFINITY }] }],
    ['fewer packets than none', { contested: { legs: 1, packets: -1 } }],
    ['no name', { services: [{ name: '' }] }],
    ['a long name', { services: [{ name: 'x'.repeat(limits.name + 1) }] }],
    ['a leg without a call', { worst: [{ legId: 'LE1' }] }],
    ['too many entries', { trunks: Array.from({ length: limits.reportEntries + 1 }, () => ({ name: 'a' })) }],
  ])('with %s is refused', (_what, message) => {
    expect(() => decodeReport(message, 'Gateway ie1/gw1')).toThrow(
      expect.objectContaining({ code: 'link.bad-message' }),
    );
  });
});
