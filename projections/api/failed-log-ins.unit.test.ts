import { describe, expect, it } from '@jest/globals';
import { FailedLogIns } from './failed-log-ins.ts';

function logIns() {
  const clock = { now: 0 };
  const said: { times: number; lastAddress: string }[] = [];
  const failed = new FailedLogIns({ say: (what) => said.push(what), now: () => clock.now });
  return { clock, said, failed };
}

describe('log-ins that fail', () => {
  it('are refused unread from an address where ten have failed, until some time has passed', () => {
    const { clock, failed } = logIns();
    for (let i = 0; i < 10; i++) {
      failed.check('192.0.2.1');
      failed.failed('192.0.2.1');
    }
    expect(() => failed.check('192.0.2.1')).toThrow(/Too many log-ins/);
    expect(() => failed.check('192.0.2.2')).not.toThrow();
    clock.now += 10_000;
    expect(() => failed.check('192.0.2.1')).not.toThrow();
    failed.failed('192.0.2.1');
    expect(() => failed.check('192.0.2.1')).toThrow(/Too many log-ins/);
  });

  it('are told of once a minute, with how many there were', () => {
    const { clock, said, failed } = logIns();
    for (let i = 0; i < 5; i++) failed.failed('192.0.2.1');
    clock.now += 60_000;
    failed.failed('192.0.2.2');
    expect(said).toEqual([
      { times: 1, lastAddress: '192.0.2.1' },
      { times: 5, lastAddress: '192.0.2.2' },
    ]);
  });
});
