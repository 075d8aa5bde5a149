import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '../stores/event-store/event-store.ts';
import { currentVersion, type Upcasts, upcast } from './upcasting.ts';

/** Version 1 had seconds, version 2 milliseconds, version 3 says so in the name. */
const steps: Upcasts = {
  Rang: [
    ({ length }: { length: number }) => ({ length: length * 1000 }),
    ({ length }: { length: number }) => ({ lengthInMilliseconds: length }),
  ],
};
const stored = (type: string, version: number, data: object): RecordedEvent => ({
  id: 'x',
  type,
  version,
  time: 1,
  region: 'ie1',
  cause: '',
  correlation: 'CA1',
  stream: 'leg-LE1',
  revision: 0,
  position: '' as never,
  data,
});

describe('upcasting', () => {
  it('brings an event from its version to the newest, one step after the other', () => {
    const first = stored('Rang', 1, { length: 2 });
    expect(upcast(first, steps)).toEqual({ ...first, version: 3, data: { lengthInMilliseconds: 2000 } });
    const second = stored('Rang', 2, { length: 2 });
    expect(upcast(second, steps)).toEqual({ ...second, version: 3, data: { lengthInMilliseconds: 2 } });
    expect(first.data).toEqual({ length: 2 });
  });

  it('leaves an event of the newest version as it is, and any of a type that never changed', () => {
    const newest = stored('Rang', 3, { lengthInMilliseconds: 2 });
    expect(upcast(newest, steps)).toBe(newest);
    const other = stored('ByeReceived', 1, {});
    expect(upcast(other, steps)).toBe(other);
  });

  it.each([0, 4])('refuses version %i, which this program does not know', (version) => {
    expect(() => upcast(stored('Rang', version, {}), steps)).toThrow(
      expect.objectContaining({
        code: 'runtime.unknown-version',
        params: { type: 'Rang', version, known: 3, stream: 'leg-LE1' },
      }),
    );
  });

  it('has new events stored in the newest version', () => {
    expect(currentVersion('Rang', steps)).toBe(3);
    expect(currentVersion('ByeReceived', steps)).toBe(1);
  });
});
