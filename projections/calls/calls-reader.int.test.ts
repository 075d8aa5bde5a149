import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fillCalls, numberedCall } from '../testing/fill-calls.ts';
import type { CallRow } from './call-row.ts';
import {
  type CallFilter,
  type CallsReader,
  type CallsReadModel,
  openCallsReader,
  openCallsReadModel,
} from './calls-read-model.ts';

const ACCOUNT = 'AC1';
let directory: string;
let model: CallsReadModel;
let reader: CallsReader;

// Few values and few moments, so that filters meet and starts are shared.
const rows: CallRow[] = Array.from({ length: 300 }, (_, index) => ({
  ...numberedCall(index, index % 7 === 0 ? 'AC2' : ACCOUNT, 0),
  startedAt: Math.floor(index / 3) * 1000,
  endedAt: index % 11 === 0 ? null : Math.floor(index / 3) * 1000 + (index % 5) * 7000,
  from: `+1${index % 4}`,
  to: `+2${index % 3}`,
  status: index % 5 === 0 ? 'busy' : 'completed',
  parentCallSid: index % 13 === 0 ? 'CAparent' : null,
}));

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tandem-calls-reader-'));
  const file = join(directory, 'calls.db');
  model = openCallsReadModel({ file });
  fillCalls(model.database.writer, rows);
  reader = openCallsReader({ file });
});
afterAll(async () => {
  reader.close();
  model.close();
  await rm(directory, { recursive: true });
});

const newestFirst = (one: CallRow, other: CallRow): number =>
  other.startedAt - one.startedAt || (one.sid < other.sid ? 1 : -1);

const passes = (row: CallRow, { to, from, status, parentCallSid, started, ended }: CallFilter): boolean =>
  row.accountSid === ACCOUNT &&
  (to === undefined || row.to === to) &&
  (from === undefined || row.from === from) &&
  (status === undefined || row.status === status) &&
  (parentCallSid === undefined || row.parentCallSid === parentCallSid) &&
  (!started || (row.startedAt >= started.from && row.startedAt < started.before)) &&
  (!ended || (row.endedAt !== null && row.endedAt >= ended.from && row.endedAt < ended.before));

const between = fc.tuple(fc.nat(120_000), fc.nat(120_000)).map(([from, before]) => ({ from, before }));
const filters: fc.Arbitrary<CallFilter> = fc.record(
  {
    to: fc.constantFrom('+20', '+21', '+2nobody'),
    from: fc.constantFrom('+10', '+11', '+1nobody'),
    status: fc.constantFrom('busy' as const, 'completed' as const, 'failed' as const),
    parentCallSid: fc.constant('CAparent'),
    started: between,
    ended: between,
  },
  { requiredKeys: [] },
);

describe('a list of calls', () => {
  it('is what the filters leave, page by page and back, however few calls are looked at in one go', () => {
    fc.assert(
      fc.property(
        filters,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 50 }),
        (filter, limit, stretch) => {
          const wanted = rows.filter((row) => passes(row, filter)).toSorted(newestFirst);
          const first = reader.list(ACCOUNT, filter, limit, { stretch });
          expect(first.calls).toEqual(wanted.slice(0, limit));
          expect(first.hasMore).toBe(wanted.length > limit);
          const last = first.calls.at(-1);
          if (!last) return;
          const second = reader.list(ACCOUNT, filter, limit, {
            stretch,
            cursor: { ...last, direction: 'after' },
          });
          expect(second.calls).toEqual(wanted.slice(limit, 2 * limit));
          const begin = second.calls[0];
          if (!begin) return;
          const back = reader.list(ACCOUNT, filter, limit, {
            stretch,
            cursor: { ...begin, direction: 'before' },
          });
          expect(back.calls).toEqual(first.calls);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is given up between two stretches when it is told so, and not before', () => {
    let stretches = 0;
    const goOn = (): void => {
      stretches++;
      if (stretches === 3) throw new Error('enough');
    };
    const nobodys = { ended: { from: 1e12, before: 2e12 } };
    expect(() => reader.list(ACCOUNT, nobodys, 50, { stretch: 10, goOn })).toThrow('enough');
    expect(stretches).toBe(3);
  });

  it('looks at the calls of the filter that leaves the fewest', () => {
    let stretches = 0;
    const options = { stretch: 10, goOn: () => void stretches++ };
    expect(reader.list(ACCOUNT, { to: '+20', from: '+1nobody' }, 50, options).calls).toEqual([]);
    expect(reader.list(ACCOUNT, { to: '+2nobody', status: 'completed' }, 50, options).calls).toEqual([]);
    expect(stretches).toBe(0);
  });
});
