import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import { type CallsReadModel, openCallsReadModel } from '../calls/calls-read-model.ts';
import { fillCalls, numberedCall } from '../testing/fill-calls.ts';
import type { ReadRequest } from './read-request.ts';
import { openReads } from './reads.ts';

let directory: string;
let file: string;
let store: string;
let model: CallsReadModel;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tandem-reads-'));
  file = join(directory, 'calls.db');
  const events = join(directory, 'events.db');
  store = `sqlite:${events}`;
  await openSqliteEventStore({ file: events }).close();
  model = openCallsReadModel({ file });
  fillCalls(
    model.database.writer,
    Array.from({ length: 5_000 }, (_, index) => numberedCall(index, 'AC1', 0)),
  );
});
afterAll(async () => {
  model.close();
  await rm(directory, { recursive: true });
});

const parsed = (json: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(json));
const list = (query: object): ReadRequest => ({ type: 'calls', query: { PageSize: 50, Page: 0, ...query } });
const slow = list({ 'EndTime>': '2030-01-01' });

describe('reads', () => {
  it('end a search when its time is over, and go on with the next', async () => {
    const reads = openReads({ file, store, limit: 0 });
    await expect(reads.ask('AC1', slow)).rejects.toMatchObject({ code: 'api.too-slow', status: 503 });
    expect(parsed(await reads.ask('AC1', list({ To: '+nobody' })))).toMatchObject({ calls: [] });
    await reads.close();
  });

  it('say what was wrong as the API would', async () => {
    const reads = openReads({ file, store });
    await expect(reads.ask('AC1', { type: 'call', sid: 'CA1' })).rejects.toMatchObject({
      code: 'api.not-found',
    });
    await expect(reads.ask('AC1', list({ Page: 2 }))).rejects.toMatchObject({ code: 'api.bad-request' });
    await reads.close();
  });

  it('end a thread that hangs, have others answered meanwhile, and start another thread', async () => {
    const program = new URL('./testing/hanging-thread.ts', import.meta.url);
    const reads = openReads({ file, store, limit: 0, program });
    const hanging = reads.ask('hangs', slow);
    expect(parsed(await reads.ask('answered', slow))).toBe('answered');
    await expect(hanging).rejects.toMatchObject({ code: 'api.too-slow' });
    await expect(reads.ask('ends', slow)).rejects.toMatchObject({ code: 'api.too-slow' });
    expect(await Promise.all(['a', 'b', 'c'].map(async (one) => parsed(await reads.ask(one, slow))))).toEqual(
      ['a', 'b', 'c'],
    );
    await reads.close();
  });

  it('refuse what an account asks beyond what may wait', async () => {
    const program = new URL('./testing/hanging-thread.ts', import.meta.url);
    const reads = openReads({ file, store, limit: 0, program });
    const asked = Array.from({ length: 23 }, () => reads.ask('busy', slow));
    const settled = await Promise.allSettled(asked);
    const refused = settled.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(2);
    expect(refused[0]).toMatchObject({ reason: { code: 'api.busy' } });
    await reads.close();
  });
});
