import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { limits } from '../peers/limits.ts';
import { createCommandOutbox, type LinkCommand } from './command-outbox.ts';

const command = (id: string, changes: Partial<LinkCommand> = {}): LinkCommand => ({
  id,
  stream: 'leg-1',
  type: 'TimerRang',
  data: { timer: 'ring' },
  cause: '',
  correlation: '',
  ...changes,
});

describe('commands to a gateway', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('wait while it is away, go out in order when it is back, and again after a break', async () => {
    const outbox = createCommandOutbox('ie1/gw1', 30_000, 10);
    const answers = [outbox.add(command('a')), outbox.add(command('b'))];
    const first: string[] = [];
    outbox.attach(({ id }) => first.push(id!));
    answers.push(outbox.add(command('c')));
    expect(first).toEqual(['a', 'b', 'c']);
    expect(outbox.settle({ id: 'b', accepted: true })).toBe(true);
    outbox.detach();
    answers.push(outbox.add(command('d')));
    const second: string[] = [];
    outbox.attach(({ id }) => second.push(id!));
    expect(second).toEqual(['a', 'c', 'd']);
    for (const id of ['a', 'c', 'd']) outbox.settle({ id, accepted: false, code: '', message: '' });
    expect(await Promise.all(answers)).toEqual([
      { accepted: false },
      { accepted: true },
      { accepted: false },
      { accepted: false },
    ]);
    expect(outbox.waiting).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('expire, each after its own time, and are not sent again', async () => {
    const outbox = createCommandOutbox('ie1/gw1', 1000, 10);
    const early = outbox.add(command('a'));
    jest.advanceTimersByTime(600);
    const late = outbox.add(command('b'));
    jest.advanceTimersByTime(400);
    await expect(early).rejects.toMatchObject({
      code: 'link.region-unreachable',
      params: { gateway: 'ie1/gw1', id: 'a', seconds: 1 },
    });
    const sent: string[] = [];
    outbox.attach(({ id }) => sent.push(id!));
    expect(sent).toEqual(['b']);
    expect(outbox.settle({ id: 'a', accepted: true })).toBe(false);
    outbox.settle({ id: 'b', accepted: true });
    expect(await late).toEqual({ accepted: true });
  });

  it('are refused when too many wait, when they are too large, or of no known type', async () => {
    const outbox = createCommandOutbox('ie1/gw1', 1000, 1);
    const waiting = outbox.add(command('a'));
    await expect(outbox.add(command('b', { type: 'LegRequested' }))).rejects.toMatchObject({
      code: 'link.region-busy',
    });
    const large = command('c', { data: { timer: 'x'.repeat(limits.commandBytes) } });
    await expect(outbox.add(large)).rejects.toMatchObject({ code: 'link.command-too-large' });
    await expect(outbox.add(command('d', { type: 'Nothing' }))).rejects.toMatchObject({
      code: 'link.unknown-type',
    });
    outbox.close();
    await expect(waiting).rejects.toMatchObject({ code: 'link.closed' });
    await expect(outbox.add(command('e'))).rejects.toMatchObject({ code: 'link.closed' });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('for what is there are kept when many wait, and go out as those before them are answered', async () => {
    const outbox = createCommandOutbox('ie1/gw1', 1000, 2);
    const sent: string[] = [];
    outbox.attach(({ id }) => sent.push(id!));
    const answers = ['a', 'b', 'c', 'd', 'e'].map((id) => outbox.add(command(id)));
    expect(sent).toEqual(['a', 'b']);
    outbox.settle({ id: 'b', accepted: true });
    expect(sent).toEqual(['a', 'b', 'c']);
    outbox.detach();
    const again: string[] = [];
    outbox.attach(({ id }) => again.push(id!));
    expect(again).toEqual(['a', 'c']);
    for (const id of ['a', 'c', 'd', 'e']) outbox.settle({ id, accepted: true });
    expect(again).toEqual(['a', 'c', 'd', 'e']);
    expect(await Promise.all(answers)).toEqual(Array(5).fill({ accepted: true }));
  });

  it('are refused when those that wait are too large together, until some are answered', async () => {
    const outbox = createCommandOutbox('ie1/gw1', 1000, 1000);
    const data = { timer: 'x'.repeat(limits.commandBytes - 12) };
    const fit = limits.commandsBytes / limits.commandBytes;
    const waiting = Array.from({ length: fit }, (_, index) => outbox.add(command(String(index), { data })));
    await expect(outbox.add(command('more'))).rejects.toMatchObject({ code: 'link.region-busy' });
    outbox.settle({ id: '0', accepted: true });
    waiting.push(outbox.add(command('more')));
    for (let id = 1; id < fit; id += 1) outbox.settle({ id: String(id), accepted: true });
    outbox.settle({ id: 'more', accepted: true });
    expect(await Promise.all(waiting)).toHaveLength(fit + 1);
  });

  it('with the same id share one answer', async () => {
    const outbox = createCommandOutbox('ie1/gw1', 1000, 10);
    const sent: string[] = [];
    outbox.attach(({ id }) => sent.push(id!));
    const answers = [outbox.add(command('a')), outbox.add(command('a'))];
    outbox.settle({ id: 'a', accepted: false, code: 'link.region-busy', message: 'later' });
    expect(await Promise.all(answers)).toEqual(
      Array(2).fill({ accepted: false, code: 'link.region-busy', message: 'later' }),
    );
    expect(sent).toEqual(['a']);
  });
});
