import { describe, expect, it } from '@jest/globals';
import type { CommandMessage, CommandResult, LinkCommand } from '@tandem/actors/link';
import { limits } from '@tandem/actors/peers';
import { createCommandInbox, type InboxLimits } from './command-inbox.ts';

const message = (id: string, changes: Partial<CommandMessage> = {}): CommandMessage => ({
  id,
  stream: 'leg-1',
  type: 'TimerRang',
  data: Buffer.from('{"timer":"ring"}'),
  cause: 'cause',
  correlation: 'CA1',
  ...changes,
});

/** A region whose actors answer when the test says so. */
function given(bounds?: InboxLimits) {
  const taken: string[] = [];
  const answer = new Map<string, (result: CommandResult) => void>();
  const takeCommand = ({ id }: LinkCommand): Promise<CommandResult> => {
    taken.push(id);
    return new Promise((resolve) => answer.set(id, resolve));
  };
  const inbox = createCommandInbox('ie1/gw1', takeCommand, bounds);
  return { taken, inbox, answer: (id: string) => answer.get(id)!({ accepted: true }) };
}

const accepted = (id: string) => ({ id, accepted: true, code: '', message: '' });

describe('commands in a region', () => {
  it('are handed over in order, none waiting for another', async () => {
    const { inbox, taken, answer } = given();
    const first = inbox.take(message('a'), 'us1/r1');
    const second = inbox.take(message('b'), 'us1/r1');
    const other = inbox.take(message('c', { stream: 'leg-2' }), 'us1/r1');
    expect(taken).toEqual(['a', 'b', 'c']);
    answer('b');
    expect(await second).toEqual(accepted('b'));
    answer('a');
    answer('c');
    expect(await Promise.all([first, other])).toEqual([accepted('a'), accepted('c')]);
  });

  it('that come again are not carried out again, while at work and afterwards', async () => {
    const { inbox, taken, answer } = given();
    const first = inbox.take(message('a'), 'us1/r1');
    const again = inbox.take(message('a'), 'us1/r1');
    answer('a');
    expect(await Promise.all([first, again])).toEqual([accepted('a'), accepted('a')]);
    expect(await inbox.take(message('a'), 'us1/r1')).toEqual(accepted('a'));
    expect(taken).toEqual(['a']);
  });

  it('are remembered up to a number', async () => {
    const { inbox, taken, answer } = given({ atWork: 5, remembered: 2 });
    for (const id of ['a', 'b', 'c']) {
      const result = inbox.take(message(id), 'us1/r1');
      answer(id);
      await result;
    }
    await inbox.take(message('b'), 'us1/r1');
    expect(taken).toEqual(['a', 'b', 'c']);
    void inbox.take(message('a'), 'us1/r1');
    expect(taken).toEqual(['a', 'b', 'c', 'a']);
  });

  it('are turned away while too many are at work, and that is not remembered', async () => {
    const { inbox, answer } = given({ atWork: 1, remembered: 10 });
    const first = inbox.take(message('a'), 'us1/r1');
    expect(await inbox.take(message('b'), 'us1/r1')).toMatchObject({
      accepted: false,
      code: 'link.region-busy',
    });
    answer('a');
    await first;
    const later = inbox.take(message('b'), 'us1/r1');
    answer('b');
    expect(await later).toEqual(accepted('b'));
  });

  it('do not stop the next one when they fail', async () => {
    const inbox = createCommandInbox('ie1/gw1', async ({ id }) => {
      if (id === 'a') throw new Error('x'.repeat(limits.explanation + 1));
      return { accepted: true };
    });
    const [first, second] = await Promise.all([
      inbox.take(message('a'), 'us1/r1'),
      inbox.take(message('b'), 'us1/r1'),
    ]);
    expect(first).toEqual({
      id: 'a',
      accepted: false,
      code: 'runtime.unexpected',
      message: 'x'.repeat(limits.explanation),
    });
    expect(second).toEqual(accepted('b'));
  });

  it.each<[string, string, Partial<CommandMessage>]>([
    ['of an unknown type', 'link.unknown-type', { type: 'Nothing' }],
    ['with broken data', 'link.bad-message', { data: Buffer.from('{') }],
    ['without data', 'link.bad-message', { data: undefined }],
    ['for nobody', 'link.bad-message', { stream: '' }],
    ['for a very long name', 'link.bad-message', { stream: 's'.repeat(limits.name + 1) }],
  ])('%s are answered with %s', async (_what, code, changes) => {
    const { inbox, taken } = given();
    expect(await inbox.take(message('a', changes), 'us1/r1')).toMatchObject({
      id: 'a',
      accepted: false,
      code,
    });
    expect(taken).toEqual([]);
  });
});
