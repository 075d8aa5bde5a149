import { expect, it } from '@jest/globals';
import { MediaContests } from './media-contests.ts';

it('counts legs whose media somebody else sent to as well, and packets that were not heard', () => {
  const contests = new MediaContests();
  expect(contests.counts).toEqual({ legs: 0, packets: 0 });
  contests.take({
    stream: 'leg-LE1',
    type: 'MediaContested',
    data: { address: '198.51.100.66', port: 4000 },
  });
  contests.take({
    stream: 'leg-LE1',
    type: 'MediaContested',
    data: { address: '198.51.100.66', port: 4002 },
  });
  contests.take({
    stream: 'pipe-PI1',
    type: 'MediaContested',
    data: { address: '198.51.100.66', port: 4002 },
  });
  contests.take({
    stream: 'leg-LE1',
    type: 'LegEnded',
    data: { reason: 'completed', by: 'peer', strangers: 40 },
  });
  contests.take({ stream: 'leg-LE1', type: 'LegEnded', data: { reason: 'completed', by: 'peer' } });
  contests.take({
    stream: 'leg-LE1',
    type: 'LegEnded',
    data: { reason: 'completed', by: 'peer', strangers: 2 },
  });
  expect(contests.counts).toEqual({ legs: 2, packets: 42 });
});
