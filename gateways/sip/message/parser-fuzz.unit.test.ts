import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { validateRequest } from '../dialog/validate-request.ts';
import { stampReceived } from '../transport/response-flow.ts';
import { StreamFraming } from '../transport/stream/stream-framing.ts';
import { checkMessage } from './check-message.ts';
import { parseMessage } from './parse-message.ts';
import { serializeMessage } from './serialize-message.ts';

const MUTATIONS = 20_000;
const RANDOM_BUFFERS = 5_000;

/** Marsaglia's xorshift of 32 bits, so that a failure comes again with the same seed. */
const generator = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
};

const corpus = readdirSync(new URL('./fixtures/torture/', import.meta.url))
  .filter((name) => name.endsWith('.dat'))
  .map((name) => readFileSync(new URL(`./fixtures/torture/${name}`, import.meta.url)));

/** What parsers stumble over. */
const fragments = [
  '\r\n',
  '\r',
  '\n',
  '\0',
  ':',
  ';',
  ',',
  '"',
  '\\',
  '<',
  '>',
  '%',
  '%zz',
  '=',
  '@',
  '[::1]',
  '[',
  ' ',
  '\t',
  ';__proto__=1',
  ';constructor',
  ';;',
  '\r\n ',
  'Via: ',
  'Content-Length: 99999999999999999999\r\n',
  'l: -1\r\n',
  '\ufeff',
  '\u00e9',
  '99999999999',
].map((text) => Buffer.from(text));

const mutate = (bytes: Buffer, random: (below: number) => number): Buffer => {
  let result = Buffer.from(bytes);
  for (let changes = 1 + random(4); changes > 0; changes--) {
    const at = random(result.length + 1);
    const until = Math.min(result.length, at + random(24));
    switch (random(5)) {
      case 0:
        if (at < result.length) result[at] = random(256);
        break;
      case 1:
        result = Buffer.concat([result.subarray(0, at), result.subarray(until)]);
        break;
      case 2:
        result = Buffer.concat([result.subarray(0, until), result.subarray(at)]);
        break;
      case 3:
        result = Buffer.concat([
          result.subarray(0, at),
          fragments[random(fragments.length)]!,
          result.subarray(at),
        ]);
        break;
      default: {
        const other = corpus[random(corpus.length)]!;
        const from = random(other.length);
        const spliced = other.subarray(from, from + random(200));
        result = Buffer.concat([result.subarray(0, at), spliced, result.subarray(at)]);
      }
    }
  }
  return result;
};

const capabilities = {
  methods: new Set(['INVITE', 'OPTIONS', 'REGISTER']),
  extensions: new Set<string>(),
  contentTypes: new Set(['application/sdp']),
};

const flow = {
  transport: 'udp',
  localAddress: '192.0.2.1',
  localPort: 5060,
  remoteAddress: '192.0.2.2',
  remotePort: 5060,
} as const;

/** Everything that a message goes through before the layers above see it; nothing may throw but by returning. */
const readThrough = (bytes: Buffer): 'accepted' | 'refused' => {
  const parsed = parseMessage(bytes);
  if ('error' in parsed) return 'refused';
  const { message } = parsed;
  const written = serializeMessage(message);
  const again = parseMessage(written);
  if ('error' in again) throw again.error;
  if (!serializeMessage(again.message).equals(written)) throw new Error('what was written reads differently');
  if (checkMessage(message) !== undefined) return 'refused';
  if (message.kind === 'request') {
    validateRequest(message, capabilities);
    stampReceived(message, flow);
    if (checkMessage(message) !== undefined) throw new Error('stamping has broken the Via');
  }
  return 'accepted';
};

describe('the parser, fed with rubbish', () => {
  it(`accepts or refuses ${MUTATIONS} mutated messages, and writes what it accepts so that it reads the same`, () => {
    const random = generator(0x7a4de);
    const counts = { accepted: 0, refused: 0 };
    for (let i = 0; i < MUTATIONS; i++) counts[readThrough(mutate(corpus[random(corpus.length)]!, random))]++;
    // Were one of them rare, the mutations would test little.
    expect(counts.accepted).toBeGreaterThan(MUTATIONS / 20);
    expect(counts.refused).toBeGreaterThan(MUTATIONS / 20);
  });

  it(`refuses ${RANDOM_BUFFERS} buffers of random bytes`, () => {
    const random = generator(0x51b);
    for (let i = 0; i < RANDOM_BUFFERS; i++) {
      const bytes = Buffer.from(Array.from({ length: random(400) }, () => random(256)));
      expect(readThrough(bytes)).toBe('refused');
    }
  });

  it('cuts mutated streams into messages or gives up, with a bounded number of bytes kept', () => {
    const random = generator(0xf4a);
    for (let i = 0; i < 500; i++) {
      const framing = new StreamFraming();
      const stream = Buffer.concat(
        Array.from({ length: 5 }, () => mutate(corpus[random(corpus.length)]!, random)),
      );
      let taken = 0;
      for (let at = 0; at < stream.length; at += 97) {
        framing.push(stream.subarray(at, at + 97));
        let next = framing.next();
        for (; Buffer.isBuffer(next); next = framing.next()) taken += next.length;
        if (next !== undefined) break;
      }
      expect(taken).toBeLessThanOrEqual(stream.length);
    }
  });

  it.each([
    ['quotes', `"${'\\"'.repeat(4_000)}`],
    ['angle brackets', '<'.repeat(8_000)],
    ['spaces', `a${' '.repeat(8_000)}b`],
    ['semicolons', ';'.repeat(8_000)],
    ['commas', ','.repeat(8_000)],
    ['slashes and spaces', 'SIP / '.repeat(1_300)],
    ['percent signs', '%'.repeat(8_000)],
    ['dots', `sip:${'a.'.repeat(1_000)}-`],
  ])('does not hang on thousands of %s', (_, value) => {
    for (const name of [
      'Via',
      'From',
      'To',
      'Contact',
      'Route',
      'CSeq',
      'Content-Type',
      'Content-Disposition',
    ]) {
      const message = `OPTIONS sip:a@b SIP/2.0\r\n${name}: ${value}\r\nl: 0\r\n\r\n`;
      expect(readThrough(Buffer.from(message))).toBe('refused');
    }
    const head = value.repeat(4).slice(0, 32_000);
    expect(readThrough(Buffer.from(`OPTIONS ${value} SIP/2.0\r\nl: 0\r\n\r\n`))).toBe('refused');
    expect(readThrough(Buffer.from(`OPTIONS ${head} SIP/2.0\r\nl: 0\r\n\r\n`))).toBe('refused');
    expect(readThrough(Buffer.from(`OPTIONS sip:a@b SIP/2.0\r\nl: 0\r\nx: a\r\n ${head}\r\n\r\n`))).toBe(
      'refused',
    );
  });
});
