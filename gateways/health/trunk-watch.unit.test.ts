import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TrunkWatch } from './trunk-watch.ts';

let status: number | Error | undefined;
let asked: number;
let said: string[];
let watch: TrunkWatch;

beforeEach(() => {
  jest.useFakeTimers();
  status = 200;
  asked = 0;
  said = [];
  watch = new TrunkWatch({
    trunks: [{ name: 'carrier', uri: 'sip:192.0.2.9:5060', every: 1000 }],
    ask: async () => {
      asked += 1;
      if (status === undefined) return new Promise(() => {});
      if (status instanceof Error) throw status;
      return status;
    },
    lost: (trunk, code) => void said.push(`${trunk} lost ${code}`),
    found: (trunk) => void said.push(`${trunk} found`),
  });
});
afterEach(() => {
  watch.close();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

const answers = async (...list: (number | Error)[]): Promise<string[]> => {
  said.length = 0;
  for (const one of list) {
    status = one;
    await jest.advanceTimersByTimeAsync(1000);
  }
  return [...said];
};

describe('a provider that is asked', () => {
  it('is lost after two questions in a row without a good answer, and found with the next good one', async () => {
    expect(await answers(408, 200, 408)).toEqual(['carrier found']);
    expect(await answers(408, 408, 503)).toEqual(['carrier lost sip.408']);
    expect(await answers(405)).toEqual(['carrier found']);
    expect(await answers(503, new Error('no way'))).toEqual(['carrier lost sip.503']);
  });

  it('is not asked again before it has answered', async () => {
    status = undefined;
    await jest.advanceTimersByTimeAsync(10_000);
    expect(asked).toBe(1);
  });
});
