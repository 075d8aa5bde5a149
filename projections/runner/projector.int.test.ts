import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TandemError } from '@tandem/actors/errors';
import { DEMO_ACCOUNT, recordCall } from '@tandem/actors/history/testing/recorded-call.ts';
import { callsProjection } from '../calls/calls-projection.ts';
import { openFixture, type ReadModelFixture } from '../testing/read-model.ts';

let fixture: ReadModelFixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

const record = async (name: string, until: 'ended' | 'talking' = 'ended'): Promise<string> => {
  const call = await recordCall(fixture.store, { name, until });
  await call.close();
  return call.callSid;
};
const listed = () => fixture.reader.list(DEMO_ACCOUNT, {}, 100).calls;

describe('a projector', () => {
  it('takes what is in the store, then what comes', async () => {
    await record('before');
    fixture.start();
    await fixture.caughtUp();
    expect(listed()).toHaveLength(2);
    const sid = await record('after', 'talking');
    await fixture.caughtUp();
    expect(listed()).toHaveLength(4);
    expect(fixture.reader.find(DEMO_ACCOUNT, sid)).toMatchObject({ status: 'in-progress', trunk: 'carrier' });
  });

  it('goes on where it stopped, and has each event once', async () => {
    await record('first');
    await fixture.start().close();
    const applied: string[] = [];
    const projection = callsProjection(fixture.calls.database);
    const counting = { ...projection, apply: (event: never) => applied.push((event as { id: string }).id) };
    await record('second');
    const projector = fixture.start({ projection: counting });
    await fixture.caughtUp();
    await projector.close();
    expect(new Set(applied).size).toBe(applied.length);
    expect(applied.length).toBeGreaterThan(0);
  });

  it('keeps rows and position in step when the database fails, and tries again', async () => {
    await record('one');
    const projection = callsProjection(fixture.calls.database);
    const errors: unknown[] = [];
    const waited: number[] = [];
    const again = Promise.withResolvers<void>();
    let broken = true;
    const projector = fixture.start({
      projection: {
        ...projection,
        apply(event) {
          if (broken && event.type === 'CallEnded')
            throw new TandemError('store.unavailable', { store: 'SQLite', detail: 'x' });
          projection.apply(event);
        },
      },
      onError: (error) => errors.push(error),
      wait: async (milliseconds) => {
        waited.push(milliseconds);
        await again.promise;
      },
    });
    while (errors.length === 0) await new Promise(setImmediate);
    expect(projector.failure).toMatchObject({ code: 'store.unavailable' });
    expect(listed()).toEqual([]);
    broken = false;
    again.resolve();
    await fixture.caughtUp();
    expect(listed()).toHaveLength(2);
    expect(projector.failure).toBeUndefined();
    expect(waited[0]).toBe(1000);
  });

  it('does not take an event whose version it does not know for one that it does', async () => {
    const sid = await record('one', 'talking');
    const event = { id: '00000000-0000-4000-8000-000000000001', type: 'CallEnded', version: 9, time: 1 };
    const about = { region: '', cause: '', correlation: sid, data: {} };
    await fixture.store.append(`call-${sid}`, 'any', [{ ...event, ...about }]);
    const aside: unknown[] = [];
    const projector = fixture.start({ onSetAside: (_event, error) => aside.push(error) });
    await fixture.caughtUp();
    expect(aside).toMatchObject([{ code: 'runtime.unknown-version' }]);
    expect(projector.failure).toBeUndefined();
    expect(fixture.reader.find(DEMO_ACCOUNT, sid)).toMatchObject({ status: 'in-progress' });
  });

  it('sets aside what it cannot take, and goes on with everything else', async () => {
    await record('before');
    // What a gateway of an old release, or a hostile one, may have brought into a store before it was checked.
    const poison = [{}, { legId: 'LE1', callSid: 'CA1', routes: [], from: {}, to: 5 }];
    for (const [i, data] of poison.entries()) {
      const event = {
        id: `00000000-0000-4000-8000-00000000000${i}`,
        type: 'LegRequested',
        version: 1,
        time: 1,
      };
      await fixture.store.append(`leg-LE${i}`, 'any', [
        { ...event, region: 'ie1', cause: '', correlation: 'CA1', data },
      ]);
    }
    await record('after');
    const aside: string[] = [];
    const projector = fixture.start({ onSetAside: ({ stream }) => aside.push(stream) });
    await fixture.caughtUp();
    expect(listed()).toHaveLength(4);
    expect(aside).toEqual(['leg-LE0', 'leg-LE1']);
    expect(projector.failure).toBeUndefined();
    await projector.close();

    const again = fixture.start({ onSetAside: ({ stream }) => aside.push(stream) });
    expect(again.setAside).toBe(2);
    await fixture.caughtUp();
    expect(aside).toHaveLength(2);
    const rows = fixture.calls.database.writer.prepare('SELECT stream, code FROM set_aside').all();
    expect(rows).toMatchObject([
      { stream: 'leg-LE0', code: 'runtime.unexpected' },
      { stream: 'leg-LE1', code: 'runtime.unexpected' },
    ]);
  });
});
