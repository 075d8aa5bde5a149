import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEMO_ACCOUNT, recordCall, sidOf } from '@tandem/actors/history/testing/recorded-call.ts';
import fc from 'fast-check';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { openFixture, type ReadModelFixture } from '../testing/read-model.ts';
import { buildApi, createApi } from './create-api.ts';

const OTHER_ACCOUNT = 'AC00000000000000000000000000000002';
const accounts = [
  { sid: DEMO_ACCOUNT, authToken: 'demo token, not secret' },
  { sid: OTHER_ACCOUNT, authToken: 'other token, not secret' },
];
const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 10, 22, 12);
const CALLS = `/2010-04-01/Accounts/${DEMO_ACCOUNT}/Calls`;

let fixture: ReadModelFixture;
let app: FastifyInstance;
let failure: unknown;

const basic = (sid: string, token: string): string =>
  `Basic ${Buffer.from(`${sid}:${token}`).toString('base64')}`;
const credentials = (sid: string): string =>
  basic(sid, accounts.find((account) => account.sid === sid)!.authToken);

async function get(url: string, query: InjectOptions['query'] = {}, sid = DEMO_ACCOUNT) {
  const answer = await app.inject({ url, query, headers: { authorization: credentials(sid) } });
  return { status: answer.statusCode, body: answer.json(), headers: answer.headers };
}

const sids = (body: { calls: { sid: string }[] }): string[] => body.calls.map(({ sid }) => sid);

beforeAll(async () => {
  fixture = await openFixture();
  const calls = [
    { name: 'one', start: NOON },
    { name: 'two', start: NOON + HOUR, callee: 'is busy', from: '+15550112' },
    { name: 'three', start: NOON + 24 * HOUR, until: 'talking' },
    { name: 'theirs', start: NOON, accountSid: OTHER_ACCOUNT },
  ] as const;
  for (const call of calls) await (await recordCall(fixture.store, call)).close();
  fixture.start();
  await fixture.caughtUp();
  app = await buildApi({ ...fixture, accounts, failure: () => failure, perSecond: 100_000 });
});
afterAll(async () => {
  await app.close();
  await fixture.close();
});

describe('reading calls', () => {
  it('gives a call as Twilio has it, and why it ended', async () => {
    const { status, body } = await get(`${CALLS}/${sidOf('one')}.json`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      sid: sidOf('one'),
      account_sid: DEMO_ACCOUNT,
      parent_call_sid: null,
      direction: 'inbound',
      from: '+15550111',
      to: '+15550100',
      caller_name: 'Ada',
      status: 'completed',
      price: null,
      start_time: 'Sun, 22 Nov 2026 12:00:00 +0000',
      api_version: '2010-04-01',
      end_reason: 'completed',
      uri: `${CALLS}/${sidOf('one')}.json`,
      region: 'ie1',
      gateway: 'gw1',
      trunk: 'carrier',
    });
    expect(body.duration).toMatch(/^\d+$/);
  });

  it('lists calls and dialled legs, newest first', async () => {
    const { body } = await get(`${CALLS}.json`);
    expect(body).toMatchObject({ page: 0, page_size: 50, start: 0, end: 5, next_page_uri: null });
    expect(
      body.calls.map((call: { status: string; direction: string }) => `${call.direction} ${call.status}`),
    ).toEqual([
      'outbound-dial in-progress',
      'inbound in-progress',
      'outbound-dial busy',
      'inbound completed',
      'outbound-dial completed',
      'inbound completed',
    ]);
  });

  it.each<[string, Record<string, string>, string[]]>([
    ['From', { From: '+15550112', To: '+15550100' }, ['two']],
    ['Status', { Status: 'in-progress', To: '+15550100' }, ['three']],
    ['a day', { StartTime: '2026-11-22', To: '+15550100' }, ['two', 'one']],
    ['days from one on', { 'StartTime>': '2026-11-23', To: '+15550100' }, ['three']],
    ['days up to one', { 'StartTime<': '2026-11-22', To: '+15550100' }, ['two', 'one']],
    [
      'seconds',
      { 'StartTime>': '2026-11-22T12:30:00Z', 'StartTime<': '2026-11-22T14:00:00Z', To: '+15550100' },
      ['two'],
    ],
    ['the end', { 'EndTime<': '2026-11-22', To: '+15550100' }, ['two', 'one']],
    ['an end to come', { 'EndTime>': '2026-11-23' }, []],
    ['what is not there', { To: '+15550000' }, []],
  ])('filters by %s', async (_what, query, expected) => {
    expect(sids((await get(`${CALLS}.json`, query)).body)).toEqual(expected.map(sidOf));
  });

  it('lists the legs that a call dialled, whose sid is what Dial\u2019s action is told', async () => {
    const { body } = await get(`${CALLS}.json`, { ParentCallSid: sidOf('one') });
    expect(body.calls).toMatchObject([{ parent_call_sid: sidOf('one'), to: '+15550199' }]);
    const [sid] = sids(body);
    expect((await get(`${CALLS}/${sid}.json`)).body).toMatchObject({ direction: 'outbound-dial' });
  });

  it('pages forwards and backwards over every call once, with the filter kept', async () => {
    const all = sids((await get(`${CALLS}.json`)).body);
    const pages: string[][] = [];
    let page = (await get(`${CALLS}.json`, { PageSize: '4', 'StartTime>': '2026-11-01' })).body;
    pages.push(sids(page));
    expect(page.previous_page_uri).toBeNull();
    while (page.next_page_uri !== null) {
      expect(page.next_page_uri).toContain('StartTime%3E=2026-11-01');
      page = (await get(page.next_page_uri)).body;
      pages.push(sids(page));
    }
    expect(pages.map(({ length }) => length)).toEqual([4, 2]);
    expect(pages.flat()).toEqual(all);
    const back = (await get(page.previous_page_uri)).body;
    expect(sids(back)).toEqual(pages[0]);
    expect(back).toMatchObject({ page: 0, previous_page_uri: null });
  });
});

describe('the calls of all accounts', () => {
  const operator = { sid: 'AC000000000000000000000000000000FF', authToken: 'operator token', operator: true };
  const list = async (app: FastifyInstance, url: string, { sid, authToken } = operator) => {
    const answer = await app.inject({ url, headers: { authorization: basic(sid, authToken) } });
    return { status: answer.statusCode, body: answer.json() };
  };

  it('are listed to an operator, newest first, with their legs, page by page', async () => {
    const operated = await buildApi({ ...fixture, accounts: [...accounts, operator] });
    const listed: { sid: string; account_sid: string; legs: object[] }[] = [];
    for (let next: string | null = '/v1/Calls?PageSize=3'; next !== null; ) {
      const { status, body } = await list(operated, next);
      expect(status).toBe(200);
      listed.push(...body.calls);
      next = body.next_page_uri;
    }
    expect(listed.map(({ sid }) => sid).slice(0, 2)).toEqual([sidOf('three'), sidOf('two')]);
    expect(listed.map(({ sid }) => sid).toSorted()).toEqual(
      ['one', 'two', 'three', 'theirs'].map(sidOf).toSorted(),
    );
    expect(listed.find(({ sid }) => sid === sidOf('theirs'))?.account_sid).toBe(OTHER_ACCOUNT);
    expect(listed[1]).toMatchObject({
      ended_at: expect.any(Number),
      legs: [{ status: 'busy', end_status: 486 }],
    });
    await operated.close();
  });

  it('are not listed to others', async () => {
    expect((await get('/v1/Calls')).status).toBe(403);
    expect((await app.inject({ url: '/v1/Calls' })).statusCode).toBe(401);
  });
});

describe('histories', () => {
  it('list events with the states before and after, page by page', async () => {
    const url = `/v1/Calls/${sidOf('one')}/Events`;
    const events: { index: number; type: string; actor: string; state_before: string }[] = [];
    for (let next: string | null = `${url}?PageSize=15`; next !== null; ) {
      const { body } = await get(next);
      events.push(...body.events);
      next = body.next_page_uri;
      if (next === null) expect(events).toHaveLength(body.total);
    }
    expect(events.map(({ index }) => index)).toEqual([...events.keys()]);
    expect(events.find(({ type }) => type === 'CallLegAnswered')).toMatchObject({
      actor: 'call',
      state_before: 'running.dialling.ringing',
      state_after: 'running.dialling.talking',
      effects: [{ type: 'command' }, { type: 'command' }, { type: 'command' }],
    });
  });

  it('are replayed to any moment', async () => {
    const url = `/v1/Calls/${sidOf('one')}/Replay`;
    expect((await get(url, { at: '2' })).body).toMatchObject({
      call_sid: sidOf('one'),
      at: 2,
      event: { type: 'CallReceived' },
      actors: [
        { actor: 'caller', state: 'live dialog:offered media:idle', last_event: 1 },
        { actor: 'call', state: 'running.fetching', snapshot: { context: { from: '+15550111' } } },
      ],
    });
    const { body } = await get(url);
    expect(body.actors.map(({ state }: { state: string }) => state)).toEqual(['ended', 'ended', 'ended']);
    expect((await get(url, { at: '9999' })).body).toMatchObject({ status: 404, error: 'api.no-such-moment' });
  });

  it('of a dialled leg are those of its call', async () => {
    const [child] = sids((await get(`${CALLS}.json`, { ParentCallSid: sidOf('one') })).body);
    expect((await get(`/v1/Calls/${child}/Replay`)).body).toMatchObject({ call_sid: sidOf('one') });
  });
});

describe('accounts', () => {
  const url = `${CALLS}.json`;

  it.each([
    ['without credentials', undefined],
    ['with a wrong token', basic(DEMO_ACCOUNT, 'wrong')],
    ['with the token of another', basic(DEMO_ACCOUNT, accounts[1]!.authToken)],
    ['of nobody', basic('AC00000000000000000000000000000009', accounts[0]!.authToken)],
  ])('%s are refused as Twilio refuses them', async (_who, authorization) => {
    const answer = await app.inject({ url, headers: authorization === undefined ? {} : { authorization } });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Basic /);
    expect(answer.json()).toEqual({
      code: 20003,
      message: expect.stringContaining('auth token is missing or wrong'),
      more_info: expect.any(String),
      status: 401,
      error: 'api.unauthorized',
    });
  });

  it('never see another\u2019s calls, by whatever path', async () => {
    const theirs = sidOf('theirs');
    const answers = await Promise.all([
      get(`/2010-04-01/Accounts/${OTHER_ACCOUNT}/Calls.json`),
      get(`/2010-04-01/Accounts/${OTHER_ACCOUNT}/Calls/${theirs}.json`),
      get(`${CALLS}/${theirs}.json`),
      get(`/v1/Calls/${theirs}/Events`),
      get(`/v1/Calls/${theirs}/Replay`),
      get(`/v1/Calls/${sidOf('nobody')}/Replay`),
    ]);
    for (const { status, body } of answers) {
      expect(status).toBe(404);
      expect(JSON.stringify(body)).not.toContain('+1555');
    }
    expect(sids((await get(url)).body)).not.toContain(theirs);
    expect(sids((await get(`${CALLS}.json`, { ParentCallSid: theirs })).body)).toEqual([]);
    const own = await get(`/2010-04-01/Accounts/${OTHER_ACCOUNT}/Calls/${theirs}.json`, {}, OTHER_ACCOUNT);
    expect(own.body).toMatchObject({ sid: theirs, account_sid: OTHER_ACCOUNT });
  });

  it('are refused when they ask too often', async () => {
    const slow = await buildApi({ ...fixture, accounts, perSecond: 2 });
    const ask = () => slow.inject({ url, headers: { authorization: credentials(DEMO_ACCOUNT) } });
    const answers = await Promise.all(Array.from({ length: 20 }, ask));
    const refused = answers.filter(({ statusCode }) => statusCode === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]!.json()).toMatchObject({ code: 20429, error: 'api.too-many-requests' });
    await slow.close();
  });
});

describe('the streams of a call', () => {
  it('are named, and each is read as it is stored, page by page', async () => {
    const { body } = await get(`/v1/Calls/${sidOf('one')}/Streams`);
    expect(body.streams[0]).toBe(`call-${sidOf('one')}`);
    expect(body.streams.slice(1)).toEqual([
      expect.stringMatching(/^leg-LE/),
      expect.stringMatching(/^leg-LE/),
    ]);
    for (const stream of body.streams) {
      const stored = await Array.fromAsync(fixture.store.readStream(stream));
      const read: { id: string; data: unknown }[] = [];
      let next: string | null = `/v1/Calls/${sidOf('one')}/Streams/${stream}?PageSize=3`;
      while (next !== null) {
        const page: { events: typeof read; next_page_uri: string | null } = (await get(next)).body;
        expect(page.events.length).toBeLessThanOrEqual(3);
        read.push(...page.events);
        next = page.next_page_uri;
      }
      expect(read.map(({ id }) => id)).toEqual(stored.map(({ id }) => id));
      expect(read.map(({ data }) => data)).toEqual(stored.map(({ data }) => data));
    }
  });

  it('are those of the call only, and of the account only', async () => {
    const { streams } = (await get(`/v1/Calls/${sidOf('two')}/Streams`)).body;
    const others = await get(`/v1/Calls/${sidOf('one')}/Streams/${streams[1]}`);
    expect(others.status).toBe(404);
    const theirs = await get(`/v1/Calls/${sidOf('two')}/Streams/${streams[1]}`, {}, OTHER_ACCOUNT);
    expect(theirs.status).toBe(404);
    expect((await get(`/v1/Calls/${sidOf('one')}/Streams/gateway-ie1-gw1`)).status).toBe(400);
  });
});

describe('bad requests', () => {
  it.each<[string, Record<string, string>]>([
    ['a page without its token', { Page: '2' }],
    ['a token of somebody\u2019s own', { PageToken: 'PAzzz' }],
    ['too large a page', { PageSize: '1001' }],
    ['no number', { PageSize: 'ten' }],
    ['an unknown status', { Status: 'fine' }],
    ['an unknown filter', { Caller: 'x' }],
    ['no date', { StartTime: '2026-02-30' }],
  ])('%s: 400, and what is wrong', async (_what, query) => {
    const { status, body } = await get(`${CALLS}.json`, query);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 20001, status: 400, error: 'api.bad-request' });
  });

  it('never fail inside, whatever the query', async () => {
    const name = fc.constantFrom(
      'To',
      'From',
      'Status',
      'StartTime',
      'StartTime>',
      'PageToken',
      'Page',
      'PageSize',
      'at',
      '__proto__',
    );
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer().map(String),
      fc.constant('2026-11-22'),
      fc.constant('PA1CA'),
    );
    const query = fc
      .array(fc.tuple(name, value), { maxLength: 5 })
      .map((pairs) => new URLSearchParams(pairs).toString());
    const raw = fc.oneof(
      query,
      fc.string().map((text) => text.replace(/[^\x21-\x7e]/g, '%')),
    );
    const path = fc.constantFrom(
      `${CALLS}.json`,
      `/v1/Calls/${sidOf('one')}/Events`,
      `/v1/Calls/${sidOf('one')}/Replay`,
    );
    await fc.assert(
      fc.asyncProperty(path, raw, async (at, text) => {
        const headers = { authorization: credentials(DEMO_ACCOUNT) };
        const { statusCode } = await app.inject({ url: `${at}?${text.replaceAll('#', '')}`, headers });
        expect([200, 400, 404]).toContain(statusCode);
      }),
      { numRuns: 300 },
    );
  });

  it('to a path that is not there are told so', async () => {
    const { status, body } = await get('/v1/nothing');
    expect(status).toBe(404);
    expect(body).toMatchObject({ code: 20404, error: 'api.not-found' });
  });
});

describe('the API itself', () => {
  it('tells its health to anyone', async () => {
    expect((await app.inject('/v1/health')).json()).toEqual({ status: 'ok', setAside: 0 });
    failure = new Error('hunter2');
    const answer = await app.inject('/v1/health');
    failure = undefined;
    expect(answer.statusCode).toBe(503);
    expect(answer.body).not.toContain('hunter2');
  });

  it('describes every route in OpenAPI', async () => {
    const document = (await app.inject('/v1/openapi.json')).json();
    expect(Object.keys(document.paths).toSorted()).toEqual([
      '/2010-04-01/Accounts/{AccountSid}/Calls.json',
      '/2010-04-01/Accounts/{AccountSid}/Calls/{Sid}.json',
      '/v1/Calls',
      '/v1/Calls/{Sid}/Decisions',
      '/v1/Calls/{Sid}/Events',
      '/v1/Calls/{Sid}/Replay',
      '/v1/Calls/{Sid}/Streams',
      '/v1/Calls/{Sid}/Streams/{Stream}',
      '/v1/health',
    ]);
    expect(document.components.schemas).toHaveProperty('Call.properties.status');
    expect(document.paths['/v1/Calls/{Sid}/Events'].get.security).toEqual([{ account: [] }]);
  });

  it('refuses an address that tries passwords, before it looks at them', async () => {
    const guarded = await buildApi({ ...fixture, accounts });
    const ask = (authorization?: string) =>
      guarded.inject({ url: `${CALLS}.json`, headers: { ...(authorization && { authorization }) } });
    for (let i = 0; i < 20; i++) expect((await ask()).statusCode).toBe(401);
    for (let i = 0; i < 10; i++) expect((await ask(basic(DEMO_ACCOUNT, `guess ${i}`))).statusCode).toBe(401);
    const refused = await ask(credentials(DEMO_ACCOUNT));
    await guarded.close();
    expect([refused.statusCode, refused.json().error]).toEqual([429, 'api.too-many-log-ins']);
  });

  it('tells nothing of what went wrong inside', async () => {
    const logged: object[] = [];
    const reads = {
      ask: () => Promise.reject(new Error('password=hunter2')),
      close: async () => {},
    };
    const broken = await buildApi({
      accounts,
      reads,
      log: { error: (fields) => logged.push(fields), warn: (fields) => logged.push(fields) },
    });
    const answer = await broken.inject({
      url: `/v1/Calls/${sidOf('one')}/Events`,
      headers: { authorization: credentials(DEMO_ACCOUNT) },
    });
    await broken.close();
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ code: 20500, error: 'api.failed' });
    expect(answer.body).not.toContain('hunter2');
    expect(logged).toMatchObject([{ err: { message: 'password=hunter2' }, path: '/v1/Calls/:Sid/Events' }]);
    expect(JSON.stringify(logged)).not.toContain('Basic');
  });

  it('says so when its port is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    await expect(
      createApi({ ...fixture, accounts, listen: { host: '127.0.0.1', port } }),
    ).rejects.toMatchObject({ code: 'api.address-in-use', params: { port } });
    await new Promise((resolve) => taken.close(resolve));
  });

  it('answers over a socket, and closes', async () => {
    const api = await createApi({ ...fixture, accounts, listen: { host: '127.0.0.1', port: 0 } });
    const url = `http://127.0.0.1:${api.port}${CALLS}.json`;
    const answer = await fetch(url, { headers: { authorization: credentials(DEMO_ACCOUNT) } });
    expect(answer.status).toBe(200);
    expect(sids((await answer.json()) as never)).toHaveLength(6);
    await api.close();
    await expect(fetch(url)).rejects.toThrow();
  });
});
