import { describe, expect, it } from '@jest/globals';
import { TandemError } from '@tandem/actors/errors';
import { createLog } from '../log/log.ts';
import { sipLog } from './sip-log.ts';

const refused = (address: string, port = 5060) =>
  new TandemError('sip.transport-failed', { transport: 'tcp', address, port, detail: 'ECONNREFUSED' });

function setUp() {
  const lines: string[] = [];
  const clock = { now: 0 };
  const say = sipLog(createLog('ie1', {}, { write: (line) => lines.push(line) }), () => clock.now);
  return { say, clock, lines: () => lines.map((line) => JSON.parse(line)) };
}

describe('the log of SIP', () => {
  it('says a failure once a minute for each peer, and how often it has come since', () => {
    const { say, clock, lines } = setUp();
    for (let port = 1; port <= 5; port++)
      say('A message to 192.0.2.1 could not be sent.', refused('192.0.2.1', port));
    say('A message to 192.0.2.2 could not be sent.', refused('192.0.2.2'));
    clock.now = 60_000;
    say('A message to 192.0.2.1 could not be sent.', refused('192.0.2.1'));
    expect(lines()).toMatchObject([
      { level: 'warn', msg: expect.stringContaining('192.0.2.1'), err: { code: 'sip.transport-failed' } },
      { level: 'warn', msg: expect.stringContaining('192.0.2.2') },
      { level: 'warn', msg: expect.stringContaining('192.0.2.1'), again: 4 },
    ]);
  });

  it('says no more than so many failures a minute, whatever peers do', () => {
    const { say, clock, lines } = setUp();
    for (let host = 0; host < 1_000; host++)
      say(`There is no way to host${host}.example.`, refused('192.0.2.1'));
    expect(lines()).toHaveLength(200);
    clock.now = 60_000;
    say(`There is no way to ${'x'.repeat(5_000)}.`, refused('192.0.2.1'));
    expect(lines().at(-1)).toMatchObject({ unsaid: 800 });
    expect(lines().at(-1).msg.length).toBeLessThan(400);
  });

  it('takes what is no error of the registry for a fault', () => {
    const { say, lines } = setUp();
    say('A listener of a SIP session failed.', new RangeError('index'));
    expect(lines()).toMatchObject([{ level: 'error', err: { name: 'RangeError' } }]);
  });
});
