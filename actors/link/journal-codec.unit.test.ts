import { describe, expect, it } from '@jest/globals';
import { tandem } from '@tandem/proto/generated/link.js';
import fc from 'fast-check';
import { limits } from '../peers/limits.ts';
import type { RecordedEvent } from '../stores/event-store/event-store.ts';
import { decodeEvent, encodeEvent } from './journal-codec.ts';

const { JournalEvent } = tandem.link.v1;
const name = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });

const recorded: fc.Arbitrary<RecordedEvent> = fc.record({
  position: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  id: fc.uuid(),
  stream: fc.oneof(
    name.map((id) => `leg-${id}`),
    fc.constantFrom('region-ie1', 'gateway-ie1-gw1', 'snapshot-leg-1'),
  ),
  revision: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  type: fc.constantFrom('TimerRang', 'LegOffered'),
  version: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  time: fc.double({ min: 0, max: 8.64e15, noNaN: true }).map((time) => time + 0),
  region: fc.constant('ie1'),
  cause: fc.option(fc.uuid(), { nil: '' }),
  correlation: fc.option(name, { nil: '' }),
  data: fc.dictionary(name, fc.jsonValue({ noUnicodeString: false }), { noNullPrototype: true }),
});

describe('journal events on the wire', () => {
  it('arrive exactly as they were journalled', () => {
    fc.assert(
      fc.property(recorded, (event) => {
        const bytes = JournalEvent.encode(encodeEvent(event)).finish();
        const arrived = decodeEvent(JournalEvent.decode(bytes), { region: 'ie1', gateway: 'gw1' });
        expect(arrived).toEqual({ ...event, data: JSON.parse(JSON.stringify(event.data)) });
      }),
    );
  });

  it('do not travel when they are too large, and say which one', () => {
    const [event] = fc.sample(recorded, 1);
    const large = { ...event!, data: { timer: 'é'.repeat(limits.eventBytes / 2) } };
    expect(() => encodeEvent(large)).toThrow(
      expect.objectContaining({
        code: 'link.event-too-large',
        params: expect.objectContaining({ id: event!.id, bytes: limits.eventBytes + 12 }),
      }),
    );
  });

  it('need a journal with decimal positions', () => {
    const [event] = fc.sample(recorded, 1);
    expect(() => encodeEvent({ ...event!, position: 'C:5/P:5' })).toThrow(
      expect.objectContaining({ code: 'link.bad-message' }),
    );
  });
});
