import { describe, expect, it } from '@jest/globals';
import { FileLogins } from './file-logins.ts';

const BARE = 'https://app.example/a.wav?x=1';
const play = (url: string) => ({ playId: 'PL1', items: [{ silence: 20 }, { file: { url } }], loop: 1 });

describe('logins of files to be played', () => {
  it('are taken out of the command, and are there once when the play begins', () => {
    const logins = new FileLogins();
    const taken = logins.take(play('https://anna:p%40ss@app.example/a.wav?x=1'));
    expect(taken).toEqual(play(BARE));
    expect(logins.give('PL2', taken.items)).toEqual(play(BARE).items);
    expect(logins.give('PL1', taken.items)).toEqual(play('https://anna:p%40ss@app.example/a.wav?x=1').items);
    expect(logins.give('PL1', taken.items)).toEqual(play(BARE).items);
  });

  it('leave other plays as they are', () => {
    const command = play(BARE);
    expect(new FileLogins().take(command)).toBe(command);
  });
});
