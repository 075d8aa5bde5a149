import { expect, it } from '@jest/globals';
import { Limited } from './limited.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

it('does so many things at a time, the others in their order, also after one that fails', async () => {
  const limited = new Limited(2);
  const begun: number[] = [];
  const gates = [0, 1, 2, 3].map(() => Promise.withResolvers<number>());
  const done = gates.map(({ promise }, index) =>
    limited.run(() => {
      begun.push(index);
      return promise;
    }),
  );
  expect([begun, limited.isFull, limited.waiting]).toEqual([[0, 1], true, 2]);
  gates[1]!.reject(new Error('no'));
  await expect(done[1]).rejects.toThrow('no');
  expect([begun, limited.waiting]).toEqual([[0, 1, 2], 1]);
  gates[0]!.resolve(7);
  expect(await done[0]).toBe(7);
  await turn();
  expect(begun).toEqual([0, 1, 2, 3]);
  gates[2]!.resolve(8);
  gates[3]!.resolve(9);
  expect(await Promise.all([done[2], done[3]])).toEqual([8, 9]);
  expect([limited.isFull, limited.waiting]).toEqual([false, 0]);
});
