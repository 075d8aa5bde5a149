import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from '@jest/globals';
import { ownText } from './own-text.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const MEBIBYTE = 2 ** 20;

it('keeps nothing of the text that it was cut out of', () => {
  const cut = (i: number) =>
    Buffer.alloc(MEBIBYTE, `${i} Grüße aus der Ferne; `).toString().slice(1000, 1030);
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const cuts = Array.from({ length: 50 }, (_, i) => ownText(cut(i)));
  collectGarbage();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(10 * MEBIBYTE);
  expect(cuts).toEqual(cuts.map((_, i) => cut(i)));
});
