import { describe, expect, it } from '@jest/globals';
import type { Instruction } from '@tandem/proto/generated/events.ts';
import fc from 'fast-check';
import { TandemError } from '../../errors/tandem-error.ts';
import { parseDocument } from './parse-document.ts';

const SEEDS = [
  '<?xml version="1.0" encoding="UTF-8"?><Response><Say voice="alice" language="en-GB" loop="2">Hi <break/>&amp; bye</Say></Response>',
  '<Response><Gather numDigits="1" finishOnKey="*" action="/a?b=1&amp;c=2" method="GET"><Play>a.wav</Play><Pause length="3"/></Gather></Response>',
  '<Response><Dial timeout="9" hangupOnStar="true" callerId="+14155550123"><Number sendDigits="w1">+1 415</Number><Sip>sip:a@b;c=d</Sip></Dial></Response>',
  '<Response><!-- x --><Redirect><![CDATA[/next?a&b]]></Redirect><Reject reason="busy"/><Hangup/></Response>',
];
const PIECES = [
  '<',
  '>',
  '</',
  '/>',
  '"',
  "'",
  '&',
  '&amp;',
  '&#0;',
  '&#xD800;',
  '&#x10FFFF;',
  '&__proto__;',
  ']]>',
  '<![CDATA[',
  '<!--',
  '--',
  '<?',
  '?>',
  '<!DOCTYPE a [<!ENTITY b "c">]>',
  '=',
  ' ',
  '\u0000',
  '\ufeff',
  '\ud800',
  '\r\n',
  '💬',
  '<Say>',
  '</Say>',
  '<Dial>',
  '<Gather>',
  '<Number>',
  '<Sip>sip:a@b</Sip>',
  '<constructor/>',
  '<__proto__/>',
  'loop="',
  '__proto__="1"',
  'toString="1"',
  'action="//"',
  '9'.repeat(40),
  'a'.repeat(300),
  'http://[',
  '%',
];

const cut = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(12),
  insert: fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 6 }), fc.constant('')),
});
const mutated = fc.tuple(fc.constantFrom(...SEEDS), fc.array(cut, { maxLength: 6 })).map(([seed, cuts]) =>
  cuts.reduce((text, { at, length, insert }) => {
    const start = Math.floor(at * text.length);
    return text.slice(0, start) + insert + text.slice(start + length);
  }, seed),
);

const KEYS = new Set(['say', 'play', 'pause', 'gather', 'redirect', 'reject', 'hangup', 'dial']);
const isInstruction = (one: Instruction): boolean => {
  const keys = Object.keys(one);
  return keys.length === 1 && KEYS.has(keys[0]!);
};

describe('parseDocument on documents that nobody meant', () => {
  it('reads some of the seeds when nothing is changed', () => {
    for (const seed of SEEDS) expect(parseDocument(seed, { url: 'http://a.example/' })).not.toEqual([]);
  });

  it('gives instructions or an error of the registry with a place, and nothing else', () => {
    let read = 0;
    fc.assert(
      fc.property(mutated, (xml) => {
        try {
          const instructions = parseDocument(xml, { url: 'http://a.example/b/c' });
          expect(instructions.every(isInstruction)).toBe(true);
          expect(JSON.parse(JSON.stringify(instructions))).toEqual(instructions);
          read += 1;
        } catch (error) {
          if (!(error instanceof TandemError) || !error.code.startsWith('document.')) throw error;
          const { line, column } = error.params as { line: number; column: number };
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(xml.split(/\r\n|\r|\n/).length);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(error.message.length).toBeLessThan(2000);
        }
      }),
      { numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(100);
  });
});
