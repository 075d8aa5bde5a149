import { describe, expect, it } from '@jest/globals';
import { portRange } from '@tandem/actors/testing/free-port.ts';
import { createMediaPlane } from './create-media-plane.ts';
import { needWorker } from './mediasoup/testing/need-worker.ts';
import { pipeContract } from './testing/pipe.contract.ts';

const PORTS = await portRange(20);
const PIPE_PORTS = await portRange(4);

const OURS = { workers: 0 };
const MEDIASOUP = {};

describe('a pipe between two ends of our own code', () => {
  pipeContract(it, { here: OURS, there: OURS });
});

describe('a pipe from our own code to mediasoup’s worker', () => {
  pipeContract(needWorker, { here: OURS, there: MEDIASOUP });
});

describe('a pipe from mediasoup’s worker to our own code', () => {
  pipeContract(needWorker, { here: MEDIASOUP, there: OURS });
});

describe('a pipe between two of mediasoup’s workers', () => {
  pipeContract(needWorker, { here: MEDIASOUP, there: MEDIASOUP });
});

describe('a worker that is there and does not run', () => {
  it('is told, and our own code has the pipe', async () => {
    const faults: string[] = [];
    const plane = createMediaPlane({
      bindAddress: '127.0.0.1',
      ports: PORTS,
      pipes: { ports: PIPE_PORTS },
      relay: { binary: '/bin/false' },
      onFault: ({ code }) => faults.push(code),
      render: () => Promise.reject(new Error('Nothing is played here.')),
    });
    try {
      const ends = [];
      for (const id of ['a', 'b']) ends.push(await plane.openPipe({ id, codec: 'PCMU' }));
      await plane.connectPipe('a', ends[1]!);
      await plane.connectPipe('b', ends[0]!);
      expect(await plane.openPipe({ id: 'a', codec: 'PCMU' })).toEqual(ends[0]);
      expect(faults).toEqual(['media.no-worker', 'media.no-worker']);
    } finally {
      await plane.close();
    }
  });
});
