import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEMO_ACCOUNT, recordCall, sidOf } from '@tandem/actors/history/testing/recorded-call.ts';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { archiveCall } from '../retention/archive-call.ts';
import { openFixture, type ReadModelFixture } from '../testing/read-model.ts';
import { buildApi } from './create-api.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const LATER = Date.UTC(2027, 1, 20, 12);
const TOKEN = 'demo token, not secret';
const OTHER = 'AC00000000000000000000000000000002';
const CALLS = `/2010-04-01/Accounts/${DEMO_ACCOUNT}/Calls`;
const CALL = sidOf('one');

let fixture: ReadModelFixture;
let app: FastifyInstance;
/** What lists and pages showed before. */
let before: { readonly list: unknown; readonly call: unknown; readonly child: string };

async function get(url: string, query: InjectOptions['query'] = {}, sid = DEMO_ACCOUNT) {
  const authorization = `Basic ${Buffer.from(`${sid}:${TOKEN}`).toString('base64')}`;
  const answer = await app.inject({ url, query, headers: { authorization } });
  return { status: answer.statusCode, body: answer.json() };
}
const archive = (name: string) =>
  archiveCall(fixture.store, sidOf(name), { region: 'us1', retention: '90 days', now: () => LATER });

beforeAll(async () => {
  fixture = await openFixture();
  for (const name of ['one', 'two']) await (await recordCall(fixture.store, { name, start: NOON })).close();
  fixture.start();
  await fixture.caughtUp();
  const accounts = [DEMO_ACCOUNT, OTHER].map((sid) => ({ sid, authToken: TOKEN }));
  app = await buildApi({ ...fixture, accounts, failure: () => undefined, perSecond: 100_000 });
  const { body: list } = await get(`${CALLS}.json`, { ParentCallSid: CALL });
  before = { list, call: (await get(`${CALLS}/${CALL}.json`)).body, child: list.calls[0].sid };
  await archive('one');
  await fixture.caughtUp();
});
afterAll(async () => {
  await app.close();
  await fixture.close();
});

describe('an archived call', () => {
  it('is in lists and on its own page as it was, and says when it was archived', async () => {
    const archived = { archived_at: 'Sat, 20 Feb 2027 12:00:00 +0000' };
    expect((await get(`${CALLS}/${CALL}.json`)).body).toEqual({ ...(before.call as object), ...archived });
    const { calls, ...page } = before.list as { calls: object[] };
    expect((await get(`${CALLS}.json`, { ParentCallSid: CALL })).body).toEqual({
      ...page,
      calls: calls.map((call) => ({ ...call, ...archived })),
    });
    expect((await get(`${CALLS}.json`, { Status: 'completed' })).body.calls).toHaveLength(4);
    expect((await get(`${CALLS}/${sidOf('two')}.json`)).body.archived_at).toBeNull();
  });

  it('has no events any more, and says since when and why', async () => {
    const paths = ['Events', 'Replay', 'Decisions', 'Streams', `Streams/call-${CALL}`];
    for (const sid of [CALL, before.child])
      for (const path of paths) {
        const { status, body } = await get(`/v1/Calls/${sid}/${path}`);
        expect({ path, status }).toEqual({ path, status: 410 });
        expect(body).toMatchObject({ error: 'api.archived', code: 20410 });
        expect(body.message).toContain(CALL);
        expect(body.message).toContain('2027-02-20T12:00:00.000Z (90 days)');
      }
    expect((await get(`/v1/Calls/${sidOf('two')}/Events`)).status).toBe(200);
  });

  it('is nobody else’s, as before', async () => {
    for (const path of ['Events', 'Replay', 'Decisions', 'Streams'])
      expect((await get(`/v1/Calls/${CALL}/${path}`, {}, OTHER)).status).toBe(404);
  });

  it('says so even where the read model has not heard of it', async () => {
    await fixture.store.delete(`call-${sidOf('two')}`, 'any');
    const { status, body } = await get(`/v1/Calls/${sidOf('two')}/Events`);
    expect(status).toBe(410);
    expect(body).toMatchObject({ error: 'api.archived' });
  });
});
