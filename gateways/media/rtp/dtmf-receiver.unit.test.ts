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

/** Packets as `digit duration timestamp`, `.` for the end, each with the next sequence number, 20 ms apart. */
const heardOf = (receiver: DtmfReceiver, packets: readonly string[]): string => {
  const digits: string[] = [];
  for (const [i, packet] of packets.entries()) {
    const [digit = '', duration = '', timestamp] = packet.replace('.', '').split(' ');
    const pushed = event(digit, Number(duration), packet.includes('.'));
    for (const heard of receiver.push(pushed, Number(timestamp), 20 * i, 65_530 + i))
      digits.push(heard.digit);
  }
  const last = receiver.expire(20 * packets.length + EVENT_TIMEOUT);
  return digits.join('') + (last?.digit ?? '');
};

describe('senders that do not keep to the standard', () => {
  it.each<[string, string[], string]>([
    [
      'different keys under one timestamp',
      ['1 160 5', '1 800 5.', '1 800 5.', '2 160 5', '2 800 5.', '2 800 5.'],
      '12',
    ],
    [
      'the same key twice under one timestamp',
      ['1 160 5', '1 800 5.', '1 800 5.', '1 160 5', '1 800 5.', '1 800 5.'],
      '11',
    ],
    [
      'that, longer the second time',
      ['1 160 5', '1 320 5.', '1 160 5', '1 320 5', '1 480 5', '1 480 5.'],
      '11',
    ],
    ['that, without any end', ['1 160 5', '1 320 5', '1 160 5', '1 320 5'], '11'],
    [
      'different keys under one timestamp without any end',
      ['1 160 5', '1 320 5', '2 160 5', '2 320 5'],
      '12',
    ],
    [
      'timestamps that go on within a press',
      ['1 160 5', '1 320 165', '1 480 325.', '1 480 485.', '1 480 645.'],
      '1',
    ],
    ['ends that come very often', ['1 160 5', ...new Array(50).fill('1 320 5.')], '1'],
    ['one packet for each press, at its end', ['1 800 5.', '2 800 1605.', '2 800 3205.'], '122'],
  ])('%s', (_what, packets, heard) => {
    expect(heardOf(new DtmfReceiver(), packets)).toBe(heard);
  });

  it('a press whose packets come out of order, beside another under its timestamp, is one', () => {
    const receiver = new DtmfReceiver();
    expect(receiver.push(event('1', 800, true), 5, 0, 10)).toHaveLength(1);
    expect(receiver.push(event('1', 640), 5, 1, 9)).toEqual([]);
    expect(receiver.push(event('2', 160), 5, 20, 12)).toEqual([]);
    expect(receiver.push(event('1', 800, true), 5, 21, 11)).toEqual([]);
    expect(receiver.push(event('2', 800, true), 5, 40, 13)).toHaveLength(1);
  });

  it('a key that is pressed under the timestamp of one that timed out is heard', () => {
    const receiver = new DtmfReceiver();
    receiver.push(event('1', 320), 5, 0, 10);
    expect(receiver.expire(EVENT_TIMEOUT)?.digit).toBe('1');
    expect(receiver.push(event('1', 480, true), 5, 300, 11)).toEqual([]);
    receiver.push(event('1', 160), 5, 600, 12);
    expect(receiver.push(event('1', 320, true), 5, 620, 13)).toHaveLength(1);
  });
});

describe('several events in a packet', () => {
  const packet = (...events: TelephoneEvent[]): Uint8Array => {
    const bytes = new Uint8Array(4 * events.length);
    for (const [i, one] of events.entries()) writeEvent(bytes, 4 * i, one);
    return bytes;
  };
  const take = (receiver: DtmfReceiver, bytes: Uint8Array, timestamp: number, sequence: number): string =>
    (receiver.take(bytes, 0, bytes.length, { timestamp, sequence }, 0) ?? [])
      .map(({ digit }) => digit)
      .join('');

  it('are heard each, once, however often the packet comes', () => {
    const receiver = new DtmfReceiver();
    const both = packet(event('1', 400, true), event('1', 400, true), event('2', 160));
    expect(take(receiver, both, 5, 1)).toBe('11');
    expect(
      take(receiver, packet(event('1', 400, true), event('1', 400, true), event('2', 400, true)), 5, 2),
    ).toBe('2');
    expect(take(receiver, both, 5, 3)).toBe('');
  });

  it('are not what fills a packet up', () => {
    const bytes = new Uint8Array(160);
    writeEvent(bytes, 0, event('7', 400, true));
    expect(take(new DtmfReceiver(), bytes, 5, 1)).toBe('7');
  });

  it('are bounded', () => {
    const many = Array.from({ length: 100 }, (_, i) => event(DIGITS[i % 10]!, 1, true));
    expect(take(new DtmfReceiver(), packet(...many), 5, 1)).toHaveLength(8);
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
