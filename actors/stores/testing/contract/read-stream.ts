import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EventStore } from '../../event-store/event-store.ts';
import { listOf, testEvents } from '../events.ts';
import type { ContractSubject } from './subject.ts';

/** Reading one stream. */
export const readStreamContract = (subject: ContractSubject): void => {
  const { freshStream } = subject;

  describe('reading a stream', () => {
    const stream = freshStream();
    const held = testEvents(6);
    const revisions = async (options: Parameters<EventStore['readStream']>[1]): Promise<number[]> =>
      (await listOf(subject.store.readStream(stream, options))).map((event) => event.revision);

    beforeAll(() => subject.store.append(stream, 'no-stream', held));

    it.each([
      [{}, [0, 1, 2, 3, 4, 5]],
      [{ limit: 2 }, [0, 1]],
      [{ from: 4 }, [4, 5]],
      [{ from: 1, limit: 3 }, [1, 2, 3]],
      [{ from: 6 }, []],
      [{ limit: 0 }, []],
      [{ direction: 'backwards' as const }, [5, 4, 3, 2, 1, 0]],
      [{ direction: 'backwards' as const, from: 2 }, [2, 1, 0]],
      [{ direction: 'backwards' as const, from: 4, limit: 2 }, [4, 3]],
      [{ direction: 'backwards' as const, limit: 1 }, [5]],
    ])('with %j gives revisions %j', async (options, expected) => {
      expect(await revisions(options)).toEqual(expected);
    });

    it('gives nothing for a stream that does not exist', async () => {
      expect(await listOf(subject.store.readStream(freshStream()))).toEqual([]);
      expect(
        await listOf(subject.store.readStream(freshStream(), { direction: 'backwards', from: 3 })),
      ).toEqual([]);
    });

    it('can be left half-way', async () => {
      const long = freshStream();
      await subject.store.append(long, 'no-stream', testEvents(1500));
      for await (const event of subject.store.readStream(long)) if (event.revision === 700) break;
      expect(await revisions({ limit: 1 })).toEqual([0]);
    });
  });
};
