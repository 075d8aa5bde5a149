import { expect, it } from '@jest/globals';
import { TakenLegs } from './taken-legs.ts';

it('what is said of legs before they are back is what they hear first; after that they are let go', () => {
  const forgotten: string[] = [];
  const taken = new TakenLegs((legId) => forgotten.push(legId));
  taken.take(['LE1']);
  expect(taken.instead('leg-LE1')).toEqual({ type: 'LegTaken', data: {} });
  expect(taken.instead('leg-LE2')).toBeUndefined();
  expect(forgotten).toEqual([]);
  taken.recovered();
  taken.take(['LE2', 'LE3']);
  expect(forgotten).toEqual(['LE2', 'LE3']);
  expect(taken.instead('leg-LE2')).toBeUndefined();
});
