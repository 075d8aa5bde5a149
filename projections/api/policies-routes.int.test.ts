import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TandemError } from '@tandem/actors/errors';
import type { Policy } from '@tandem/actors/routing/policy';
import type { FastifyInstance } from 'fastify';
import { openFixture, type ReadModelFixture } from '../testing/read-model.ts';
import { buildApi } from './create-api.ts';

const OPERATOR = `AC${'1'.repeat(32)}`;
const CUSTOMER = `AC${'2'.repeat(32)}`;
const accounts = [
  { sid: OPERATOR, authToken: 'a-token-of-the-operator', operator: true },
  { sid: CUSTOMER, authToken: 'a-token-of-a-customer' },
];

let fixture: ReadModelFixture;
let app: FastifyInstance;
let inForce: readonly Policy[] = [];
const said: unknown[] = [];

beforeAll(async () => {
  fixture = await openFixture();
  app = await buildApi({
    ...fixture,
    accounts,
    policies: {
      current: () => inForce,
      revision: () => said.length - 1,
      async set(list, by, expected) {
        if (!Array.isArray(list))
          throw new TandemError('routing.bad-policies', { problems: '  policies is …' });
        if (expected === 7) throw new TandemError('routing.policies-changed', { expected, revision: 8 });
        said.push([by, expected]);
        inForce = list as Policy[];
      },
    },
  });
});
afterAll(async () => {
  await app.close();
  await fixture.close();
});

async function send(method: 'GET' | 'PUT', body?: object, sid = OPERATOR) {
  const token = accounts.find((account) => account.sid === sid)!.authToken;
  const authorization = `Basic ${Buffer.from(`${sid}:${token}`).toString('base64')}`;
  const answer = await app.inject({
    method,
    url: '/v1/routing/policies',
    headers: { authorization },
    ...(body && { payload: body }),
  });
  return { status: answer.statusCode, body: answer.json() };
}

describe('the routing policies through the API', () => {
  it('are told and replaced by operators', async () => {
    expect(await send('GET')).toEqual({ status: 200, body: { policies: [], revision: -1 } });
    const policies = [{ name: 'home', when: { accounts: [CUSTOMER] }, only: ['ie1'] }];
    const now = { status: 200, body: { policies, revision: 0 } };
    expect(await send('PUT', { policies, revision: -1 })).toEqual(now);
    expect(await send('GET')).toEqual(now);
    expect(said).toEqual([[OPERATOR, -1]]);
  });

  it('are nobody else’s business', async () => {
    expect((await send('GET', undefined, CUSTOMER)).status).toBe(403);
    expect((await send('PUT', { policies: [] }, CUSTOMER)).status).toBe(403);
  });

  it('are refused with what is wrong with them', async () => {
    const wrong = await send('PUT', { policies: 'none' });
    expect(wrong).toMatchObject({ status: 400, body: { error: 'routing.bad-policies' } });
    expect(wrong.body.message).toContain('policies is …');
    expect((await send('PUT', { rules: [] })).status).toBe(400);
  });

  it('are refused when others have been set meanwhile', async () => {
    expect(await send('PUT', { policies: [], revision: 7 })).toMatchObject({
      status: 409,
      body: { error: 'routing.policies-changed' },
    });
  });
});
