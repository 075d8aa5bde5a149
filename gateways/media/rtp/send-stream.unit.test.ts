import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sequenceAhead } from './rtp-packet.ts';
import { randomStart, SendStream } from './send-stream.ts';

const START = { ssrc: 1, sequence: 0xfffe, timestamp: 0xffffff00 };

const seen = ({ sequence, timestamp, marker }: SendStream) => ({ sequence, timestamp, marker });

describe('the stream that a peer gets', () => {
  it('starts at random', () => {
    expect(randomStart()).not.toEqual(randomStart());
  });

  it('goes on evenly with our own audio, over the wrap', () => {
    const stream = new SendStream(START);
    const sent = [0, 20, 40].map((now) => {
      stream.own(now, 160);
      return seen(stream);
    });
    expect(sent).toEqual([
      { sequence: 0xfffe, timestamp: 0xffffff00, marker: true },
      { sequence: 0xffff, timestamp: 0xffffffa0, marker: false },
      { sequence: 0, timestamp: 0x40, marker: false },
    ]);
  });

  it('goes on from one origin to the next, with the marker and the time that has passed', () => {
    const stream = new SendStream({ ...START, sequence: 10, timestamp: 0 });
    stream.own(0, 160);
    expect(stream.forward(30, 77, 5000, 900_000, false)).toBe(true);
    expect(seen(stream)).toEqual({ sequence: 11, timestamp: 240, marker: true });
    stream.forward(50, 77, 5001, 900_160, false);
    expect(seen(stream)).toEqual({ sequence: 12, timestamp: 400, marker: false });
    stream.forward(51, 88, 9, 50, false);
    expect(seen(stream)).toEqual({ sequence: 13, timestamp: 560, marker: true });
    stream.own(71, 160);
    expect(seen(stream)).toEqual({ sequence: 14, timestamp: 720, marker: true });
  });

  it('shows the loss and reordering of what it forwards', () => {
    const stream = new SendStream({ ...START, sequence: 10, timestamp: 0 });
    const numbers = [100, 101, 104, 103].map((sequence, i) => {
      stream.forward(i * 20, 77, sequence, (sequence - 100) * 160, false);
      return stream.sequence;
    });
    expect(numbers).toEqual([10, 11, 14, 13]);
    stream.own(100, 160);
    expect(stream.sequence).toBe(15);
  });

  it('leaves no hole for a packet that is left out on purpose', () => {
    const stream = new SendStream({ ...START, sequence: 10, timestamp: 0 });
    stream.forward(0, 77, 100, 0, false);
    stream.leaveOut();
    stream.leaveOut();
    stream.forward(60, 77, 103, 480, false);
    expect(seen(stream)).toEqual({ sequence: 11, timestamp: 480, marker: false });
  });

  it('throws away what comes late from before the change', () => {
    const stream = new SendStream(START);
    stream.forward(0, 77, 100, 0, false);
    expect(stream.forward(1, 77, 99, 0, false)).toBe(false);
  });

  it('takes a far jump of the forwarded numbers for a new start', () => {
    const stream = new SendStream({ ...START, sequence: 10 });
    stream.forward(0, 77, 100, 0, false);
    stream.forward(20, 77, 40_000, 160, false);
    expect(stream.sequence).toBe(11);
  });

  it('keeps the timestamp of an event from its first packet to its last', () => {
    const stream = new SendStream({ ...START, sequence: 10, timestamp: 0 });
    stream.own(0, 160);
    stream.event(20, true);
    expect(seen(stream)).toEqual({ sequence: 11, timestamp: 160, marker: true });
    stream.event(40, false);
    expect(seen(stream)).toEqual({ sequence: 12, timestamp: 160, marker: false });
    stream.own(120, 160);
    expect(seen(stream)).toEqual({ sequence: 13, timestamp: 960, marker: true });
  });

  it('never repeats a sequence number or steps back in time as long as its sources are in order', () => {
    const acts = fc.array(
      fc.tuple(
        fc.constantFrom('own', 'event', 'a', 'b', 'leave', 'interrupt'),
        fc.integer({ min: 5, max: 300 }),
      ),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(acts, fc.nat(0xffff), (steps, sequence) => {
        const stream = new SendStream({ ssrc: 1, sequence, timestamp: 0 });
        let now = 0;
        let last: ReturnType<typeof seen> | undefined;
        for (const [act, pause] of steps) {
          now += pause;
          if (act === 'leave' || act === 'interrupt') {
            if (act === 'leave') stream.leaveOut();
            else stream.interrupt();
            continue;
          }
          if (act === 'own') stream.own(now, 160);
          else if (act === 'event') stream.event(now, true);
          else stream.forward(now, act === 'a' ? 1 : 2, Math.floor(now / 5) & 0xffff, now * 8, false);
          const current = seen(stream);
          if (last !== undefined) {
            expect(sequenceAhead(current.sequence, last.sequence)).toBeGreaterThan(0);
            expect(current.timestamp).toBeGreaterThan(last.timestamp);
          }
          last = current;
        }
      }),
    );
  });
});
