import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DIGITS, parseEvent, type TelephoneEvent, writeEvent } from './dtmf-event.ts';
import { DtmfReceiver, EVENT_TIMEOUT } from './dtmf-receiver.ts';
import { DtmfSender, type DtmfStep, MAX_QUEUED_DIGITS } from './dtmf-sender.ts';

const event = (digit: string, duration: number, end = false): TelephoneEvent => ({
  event: DIGITS.indexOf(digit),
  end,
  volume: 10,
  duration,
});

describe('a telephone event', () => {
  it('is read as it was written', () => {
    const record = fc.record({
      event: fc.nat(255),
      end: fc.boolean(),
      volume: fc.nat(63),
      duration: fc.nat(0xffff),
    });
    fc.assert(
      fc.property(record, (written) => {
        const bytes = new Uint8Array(6);
        writeEvent(bytes, 1, written);
        expect(parseEvent(bytes, 1, 5)).toEqual(written);
      }),
    );
  });

  it('is none when there are fewer than four bytes', () => {
    expect(parseEvent(new Uint8Array(4), 1, 4)).toBeUndefined();
  });
});

describe('receiving digits', () => {
  it('reports one press once, with its full duration', () => {
    const receiver = new DtmfReceiver();
    expect(receiver.push(event('5', 160), 1000, 0)).toEqual([]);
    expect(receiver.push(event('5', 320), 1000, 20)).toEqual([]);
    expect(receiver.push(event('5', 800, true), 1000, 80)).toEqual([{ digit: '5', duration: 100 }]);
    expect(receiver.push(event('5', 800, true), 1000, 100)).toEqual([]);
    expect(receiver.push(event('5', 800, true), 1000, 120)).toEqual([]);
    expect(receiver.push(event('5', 480), 1000, 130)).toEqual([]);
    expect(receiver.expire(10_000)).toBeUndefined();
  });

  it('reports the same key pressed twice as two', () => {
    const receiver = new DtmfReceiver();
    expect(receiver.push(event('1', 400, true), 1000, 0)).toHaveLength(1);
    expect(receiver.push(event('1', 400, true), 2600, 200)).toHaveLength(1);
  });

  it('reports a key whose end packets were all lost: by the next key, or by time', () => {
    const receiver = new DtmfReceiver();
    receiver.push(event('1', 400), 1000, 0);
    expect(receiver.push(event('2', 160), 3000, 100)).toEqual([{ digit: '1', duration: 50 }]);
    expect(receiver.expire(100 + EVENT_TIMEOUT - 1)).toBeUndefined();
    expect(receiver.expire(100 + EVENT_TIMEOUT)).toEqual({ digit: '2', duration: 20 });
    expect(receiver.push(event('2', 320, true), 3000, 400)).toEqual([]);
  });

  it('takes the only packet that came for the whole press', () => {
    expect(new DtmfReceiver().push(event('#', 640, true), 5, 0)).toEqual([{ digit: '#', duration: 80 }]);
  });

  it('adds up the segments of a press longer than a packet can say', () => {
    const receiver = new DtmfReceiver();
    const start = 0xffff0000;
    receiver.push(event('9', 0xffff), start, 0);
    expect(receiver.push(event('9', 160), (start + 0xffff) >>> 0, 20)).toEqual([]);
    const [digit] = receiver.push(event('9', 1601, true), (start + 0xffff) >>> 0, 200);
    expect(digit).toEqual({ digit: '9', duration: (0xffff + 1601) / 8 });
  });

  it('passes over events that are no keys, and packets from before the last key', () => {
    const receiver = new DtmfReceiver();
    expect(receiver.push({ event: 16, end: true, volume: 0, duration: 100 }, 10, 0)).toEqual([]);
    receiver.push(event('3', 400, true), 10_000, 0);
    expect(receiver.push(event('2', 400, true), 8000, 10)).toEqual([]);
  });

  it('starts afresh with another sender', () => {
    const receiver = new DtmfReceiver();
    receiver.push(event('3', 400, true), 10_000, 0);
    receiver.reset();
    expect(receiver.push(event('4', 400, true), 10_000, 10)).toHaveLength(1);
  });
});

/** Everything a sender says, step by step, until it has nothing more. */
const steps = (sender: DtmfSender, step: number): DtmfStep[] => {
  const all: DtmfStep[] = [];
  for (let next = sender.next(step); next !== undefined; next = sender.next(step)) all.push(next);
  return all;
};

describe('sending digits', () => {
  it('spells a digit in growing durations and three ends, then a gap', () => {
    const sender = new DtmfSender();
    sender.enqueue('7');
    const sent = steps(sender, 20);
    const packets = sent.flatMap((step) => (step === 'gap' ? [] : [step]));
    expect(packets.map(({ event }) => event.duration)).toEqual([160, 320, 480, 640, 800, 800, 800]);
    expect(packets.map(({ event }) => event.end)).toEqual([false, false, false, false, true, true, true]);
    expect(packets.map(({ first }) => first)).toEqual([true, false, false, false, false, false, false]);
    expect(packets.every(({ event }) => event.event === 7)).toBe(true);
    expect(sent).toHaveLength(10);
    expect(sender.isActive).toBe(false);
  });

  it('waits half a second for a w', () => {
    const sender = new DtmfSender();
    sender.enqueue('w');
    expect(steps(sender, 20)).toEqual(new Array(25).fill('gap'));
  });

  it('leaves out what is no digit, and what is too much', () => {
    const sender = new DtmfSender();
    sender.enqueue('x-?');
    expect(sender.isActive).toBe(false);
    sender.enqueue('1'.repeat(10_000));
    expect(sender.takeAll()).toHaveLength(MAX_QUEUED_DIGITS);
    expect(sender.isActive).toBe(false);
  });

  it('is understood by a receiver, whatever the digits, the packet time and two losses of three', () => {
    const digits = fc.string({ unit: fc.constantFrom(...DIGITS), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(digits, fc.constantFrom(10, 20, 30, 40, 60), fc.nat(2), (text, step, kept) => {
        const sender = new DtmfSender();
        const receiver = new DtmfReceiver();
        sender.enqueue(text);
        const heard: string[] = [];
        let ends = 0;
        let started = 0;
        for (const [i, sent] of steps(sender, step).entries()) {
          if (sent === 'gap') continue;
          if (sent.first) started = i;
          if (sent.event.end && ends++ % 3 !== kept) continue;
          for (const { digit } of receiver.push(sent.event, started * step * 8, i * step)) heard.push(digit);
        }
        expect(heard.join('')).toBe(text);
      }),
    );
  });
});
