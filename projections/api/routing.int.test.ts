import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEMO_ACCOUNT, recordCall, sidOf } from '@tandem/actors/history/testing/recorded-call.ts';
import { choosePath } from '@tandem/actors/routing/choice';
import { plannedNetwork } from '@tandem/actors/routing/network';
import { fixedPolicies } from '@tandem/actors/routing/policy';
import type { PathRequest } from '@tandem/actors/routing/question';
import { recordDecision } from '@tandem/actors/routing/question';
import { createRoutingService } from '@tandem/actors/routing/service';
import type { FastifyInstance } from 'fastify';
import { openFixture, type ReadModelFixture } from '../testing/read-model.ts';
import { buildApi } from './create-api.ts';

const OPERATOR = 'AC00000000000000000000000000000009';
const OTHER = 'AC00000000000000000000000000000002';
const accounts = [
  { sid: DEMO_ACCOUNT, authToken: 'demo token, not secret' },
  { sid: OTHER, authToken: 'other token, not secret' },
  { sid: OPERATOR, authToken: 'operator token, not secret', operator: true },
];
const network = plannedNetwork({
  regions: [
    { name: 'ie1', cost: 1, gateways: [{ name: 'gw1', trunks: [{ name: 'carrier' }] }] },
    {
      name: 'us1',
      routers: [{ name: 'router-1' }],
      gateways: [{ name: 'gw1', trunks: [{ name: 'carrier' }] }],
    },
  ],
  routes: [{ from: 'ie1', to: 'us1', rtt: 90 }],
});
const policies = [{ name: 'at-home', when: { accounts: [DEMO_ACCOUNT] }, only: ['ie1'] }];
const subject = { callSid: 'CA1', from: '+15550111', to: '+15550100', direction: 'outbound' };
const path: PathRequest = {
  ...subject,
  direction: 'outbound',
  time: 0,
  needs: [],
  accountSid: DEMO_ACCOUNT,
  legs: [0, 1].map((index) => ({
    legId: `LE${index}`,
    region: 'ie1',
    gateway: 'gw1',
    mediaTypes: ['audio'],
    codecs: ['PCMU'],
  })),
};

let fixture: ReadModelFixture;
let app: FastifyInstance;

beforeAll(async () => {
  fixture = await openFixture();
  await (await recordCall(fixture.store, { name: 'one' })).close();
  const decision = recordDecision(choosePath(path, network, policies), path, network);
  const event = (type: string, data: object) => ({
    id: randomUUID(),
    type,
    version: 1,
    time: Date.UTC(2026, 10, 23),
    region: 'us1',
    cause: '',
    data,
    correlation: sidOf('one'),
  });
  await fixture.store.append(`call-${sidOf('one')}`, 'any', [
    event('CallLegPlaced', { legId: 'LE1', region: 'ie1', gateway: 'gw1' }),
    event('MediaPathChosen', {
      pathId: 'PA1',
      from: 'LE0',
      to: 'LE1',
      mode: 'local',
      nodes: [],
      reason: 'a bridge is made',
      decision,
    }),
  ]);
  fixture.start();
  await fixture.caughtUp();
  const routing = createRoutingService({
    view: { current: () => network },
    policies: fixedPolicies(policies),
  });
  app = await buildApi({ ...fixture, accounts, routing });
});
afterAll(async () => {
  await app.close();
  await fixture.close();
});

async function send(method: 'GET' | 'POST', url: string, body?: object, sid = DEMO_ACCOUNT) {
  const token = accounts.find((account) => account.sid === sid)!.authToken;
  const authorization = `Basic ${Buffer.from(`${sid}:${token}`).toString('base64')}`;
  const answer = await app.inject({
    method,
    url,
    headers: { authorization },
    ...(body && { payload: body }),
  });
  return { status: answer.statusCode, body: answer.json() };
}

describe('asking the routing policy', () => {
  it('tells which gateway would place a leg, under the account’s own policies', async () => {
    const question = { ...subject, near: { region: 'us1', gateway: 'gw1' } };
    const own = await send('POST', '/v1/routing/gateway', question);
    expect(own).toMatchObject({ status: 200, body: { chosen: null, decision: { policies: ['at-home'] } } });
    const theirs = await send('POST', '/v1/routing/gateway', question, OTHER);
    expect(theirs.body).toMatchObject({
      chosen: { region: 'us1', gateway: 'gw1', trunks: ['carrier'] },
      decision: { chosen: { choice: 'us1/gw1 over carrier' }, policies: [] },
    });
  });

  it('tells which way media would take, and which router would take a call', async () => {
    const { accountSid: _, time: __, ...question } = path;
    expect((await send('POST', '/v1/routing/path', question)).body.chosen).toMatchObject({
      mode: 'local',
      regions: ['ie1'],
    });
    const router = await send('POST', '/v1/routing/router', { ...subject, region: 'ie1' });
    expect(router.body.chosen).toEqual({ region: 'us1', router: 'router-1' });
  });

  it('lets an account ask for itself only, and an operator for all, costs included', async () => {
    const question = { ...subject, accountSid: DEMO_ACCOUNT };
    expect((await send('POST', '/v1/routing/gateway', question, OTHER)).status).toBe(404);
    const { body } = await send('POST', '/v1/routing/gateway', question, OPERATOR);
    expect(body.decision.chosen.score).toMatchObject({ cost: 1 });
    expect(body.decision.looked.facts).toEqual(['gateway ie1/gw1: 0 of 1000 legs']);
    const own = await send('POST', '/v1/routing/gateway', question);
    expect(own.body.decision.chosen.score).not.toHaveProperty('cost');
    expect(own.body.decision.looked.facts).toEqual([]);
  });

  it.each([
    [{ ...subject, direction: 'sideways' }],
    [{ ...subject, callSid: '' }],
    [{ ...subject, surprise: true }],
    [{ ...subject, near: { region: 'ie1' } }],
  ])('refuses a question that is not in order: %j', async (question) => {
    expect(await send('POST', '/v1/routing/gateway', question)).toMatchObject({
      status: 400,
      body: { error: 'api.bad-request' },
    });
  });

  it('shows the network to operators', async () => {
    expect((await send('GET', '/v1/routing/network', undefined, OPERATOR)).body).toEqual(network);
    expect((await send('GET', '/v1/routing/network')).status).toBe(403);
  });
});

describe('the decisions of a call', () => {
  const url = `/v1/Calls/${sidOf('one')}/Decisions`;

  it('say why its media went where it went', async () => {
    expect((await send('GET', url)).body).toMatchObject({
      call_sid: sidOf('one'),
      decisions: [
        {
          type: 'MediaPathChosen',
          legs: ['LE0', 'LE1'],
          reason: 'a bridge is made',
          decision: {
            question: 'path',
            policies: ['at-home'],
            chosen: { choice: 'ie1/gw1', regions: ['ie1'] },
            reasons: ['Media stays in ie1: everything that it needs is there.'],
          },
        },
      ],
    });
  });

  it('are the account’s own', async () => {
    expect((await send('GET', url, undefined, OTHER)).status).toBe(404);
  });
});
