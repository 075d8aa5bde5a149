import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { rawRequest } from '../../testing/raw-messages.ts';
import { StreamFraming } from './stream-framing.ts';

/** All that comes out when a stream is pushed in pieces of the given lengths. */
const frames = (stream: Buffer, lengths: readonly number[]): string[] => {
  const framing = new StreamFraming();
  const found: string[] = [];
  let at = 0;
  for (let i = 0; at < stream.length; i++) {
    const length = lengths[i % lengths.length]!;
    framing.push(stream.subarray(at, at + length));
    at += length;
    let next = framing.next();
    for (; Buffer.isBuffer(next); next = framing.next()) found.push(next.toString());
    if (next !== undefined) return [...found, next.message];
  }
  expect(framing.isPartial).toBe(false);
  return found;
};

describe('StreamFraming', () => {
  const messages = [
    rawRequest({ branch: '1', body: 'first\r\n\r\n' }),
    rawRequest({ branch: '2' }),
    Buffer.from('SIP/2.0 200 OK\r\nL :\r\n\t4\r\n\r\nbody'),
    Buffer.from('SIP/2.0 200 OK\r\nCONTENT-LENGTH:0\r\n\r\n'),
  ];

  it('finds the same messages however the stream is cut', () => {
    const stream = Buffer.concat([Buffer.from('\r\n'), ...messages, Buffer.from('\r\n\r\n')]);
    const expected = messages.map((message) => message.toString());
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (lengths) => {
        expect(frames(stream, lengths)).toEqual(expected);
      }),
    );
    expect(frames(stream, [1])).toEqual(expected);
  });

  it('copies no byte more than a few times, however small the pieces are', () => {
    const message = rawRequest({ branch: '1', body: 'x'.repeat(60_000) });
    const copy = jest.spyOn(Buffer.prototype, 'copy');
    try {
      expect(frames(message, [1])).toEqual([message.toString()]);
      const copied = copy.mock.results.reduce((sum, { value }) => sum + Number(value), 0);
      expect(copied).toBeGreaterThanOrEqual(message.length - 1);
      expect(copied).toBeLessThan(4 * message.length);
    } finally {
      copy.mockRestore();
    }
  });

  it('leaves messages as they were when more comes', () => {
    const framing = new StreamFraming();
    const [first, second] = [rawRequest({ branch: '1' }), rawRequest({ branch: '2' })];
    framing.push(first.subarray(0, 10));
    framing.push(Buffer.concat([first.subarray(10), second.subarray(0, 20)]));
    const taken = framing.next() as Buffer;
    for (const byte of second.subarray(20)) framing.push(Buffer.from([byte]));
    expect([taken.toString(), (framing.next() as Buffer).toString()]).toEqual([`${first}`, `${second}`]);
  });

  it('tells a keep-alive from an answer to one', () => {
    const framing = new StreamFraming();
    framing.push(Buffer.from('\r\n'));
    framing.next();
    expect(framing.takePing()).toBe(false);
    framing.push(Buffer.from('\r\n\r\n'));
    framing.next();
    expect([framing.takePing(), framing.takePing(), framing.isPartial]).toEqual([true, false, false]);
  });

  it.each([
    ['without Content-Length', 'SIP/2.0 200 OK\r\n\r\n', /Content-Length/],
    ['with a negative Content-Length', 'SIP/2.0 200 OK\r\nl: -4\r\n\r\n', /Content-Length/],
    ['that is too long', 'SIP/2.0 200 OK\r\nl: 65536\r\n\r\n', /longer than 65535/],
    ['whose head does not end', `SIP/2.0 200 OK\r\nX: ${'x'.repeat(32_768)}`, /more than 32768/],
  ])('gives up at a message %s', (_, text, message) => {
    const framing = new StreamFraming();
    framing.push(Buffer.from(text));
    expect(framing.next()).toMatchObject({ code: 'sip.malformed', message: expect.stringMatching(message) });
  });
});
