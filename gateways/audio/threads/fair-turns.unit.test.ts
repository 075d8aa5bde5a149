import { describe, expect, it } from '@jest/globals';
import { FairTurns } from './fair-turns.ts';

const LIMITS = { inAll: 100, perAccount: 50 };
const of = (account: string) => ({ account, leg: '1' });

/** Work that is done when it is let go. */
const held = () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { work: () => promise, letGo: resolve };
};

describe('fair turns', () => {
  it('do so much at a time, and let a newcomer come before what one account has waiting', async () => {
    const turns = new FairTurns(1, LIMITS);
    const first = held();
    const done: string[] = [];
    const all = [turns.run(first.work, of('many'))];
    for (const account of ['many', 'many', 'one'])
      all.push(turns.run(async () => void done.push(account), of(account)));
    expect(done).toEqual([]);
    first.letGo();
    await Promise.all(all);
    expect(done).toEqual(['one', 'many', 'many']);
  });

  it('take back what waits, and go on after what fails', async () => {
    const turns = new FairTurns(1, LIMITS);
    const first = held();
    const running = turns.run(first.work);
    const gone = new AbortController();
    const ran: string[] = [];
    const waiting = turns.run(async () => void ran.push('taken back'), of('a'), gone.signal);
    const failing = turns.run(() => Promise.reject(new Error('no')));
    const last = turns.run(async () => 'done');
    gone.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    first.letGo();
    await running;
    await expect(failing).rejects.toThrow('no');
    expect(await last).toBe('done');
    expect(ran).toEqual([]);
    await expect(turns.run(async () => 'late', of('a'), gone.signal)).rejects.toThrow('gone');
  });
});
