import { describe, expect, it } from '@jest/globals';
import { createStreamHeads, type StreamHead } from './stream-heads.ts';

const head = (key: number): StreamHead => ({ key, revision: 0, deleted: false });
const known = (heads: ReturnType<typeof createStreamHeads>, count: number): number[] =>
  Array.from({ length: count }, (_, key) => key).filter((key) => heads.get(`s${key}`) !== undefined);

describe('stream heads', () => {
  it('gives what was set and nothing else', () => {
    const heads = createStreamHeads(10);
    const one = head(1);
    heads.set('one', one);
    expect(heads.get('one')).toBe(one);
    expect(heads.get('two')).toBeUndefined();
    heads.clear();
    expect(heads.get('one')).toBeUndefined();
  });

  it('never holds more than its capacity', () => {
    const heads = createStreamHeads(10);
    for (let key = 0; key < 1000; key += 1) heads.set(`s${key}`, head(key));
    expect(known(heads, 1000).length).toBeLessThanOrEqual(10);
    expect(heads.get('s999')).toBeDefined();
  });

  it('keeps a stream that is asked for while others come and go', () => {
    const heads = createStreamHeads(10);
    const busy = head(0);
    heads.set('busy', busy);
    for (let key = 0; key < 1000; key += 1) {
      heads.set(`s${key}`, head(key));
      expect(heads.get('busy')).toBe(busy);
    }
  });
});
