import { expect, it } from '@jest/globals';
import { DEMO_ACCOUNT, recordCall } from '@tandem/actors/history/testing/recorded-call.ts';
import { testEvent } from '@tandem/actors/stores/testing/events.ts';
import { openFixture } from '../testing/read-model.ts';
import { buildApi } from './create-api.ts';

const TOKEN = 'demo token, not secret';
/** More than a history that is put in order may have. */
const FLOOD = 50_001;
const TOGETHER = 1_000;

it('a flooded call hides nothing: its streams are read page by page, as far as they go', async () => {
  const fixture = await openFixture();
  const { callSid, callerLeg, close } = await recordCall(fixture.store, { name: 'flooded' });
  await close();
  const key = { type: 'DigitReceived', correlation: callSid, cause: '' };
  for (let sent = 0; sent < FLOOD; sent += TOGETHER)
    await fixture.store.append(
      `leg-${callerLeg}`,
      'any',
      Array.from({ length: TOGETHER }, () => testEvent({ digit: '1', source: 'rfc4733' }, key)),
    );
  fixture.start();
  await fixture.caughtUp();
  const accounts = [{ sid: DEMO_ACCOUNT, authToken: TOKEN }];
  const app = await buildApi({ ...fixture, accounts, failure: () => undefined, perSecond: 100_000 });
  const get = async (url: string) => {
    const authorization = `Basic ${Buffer.from(`${DEMO_ACCOUNT}:${TOKEN}`).toString('base64')}`;
    const answer = await app.inject({ url, headers: { authorization } });
    return { status: answer.statusCode, body: answer.json() };
  };

  const refused = await get(`/v1/Calls/${callSid}/Events`);
  expect(refused).toMatchObject({ status: 413, body: { error: 'api.history-too-long' } });
  expect(refused.body.message).toContain(`/v1/Calls/{Sid}/Streams`);
  const { body: named } = await get(`/v1/Calls/${callSid}/Streams`);
  expect(named.streams).toContain(`leg-${callerLeg}`);

  const stream = `/v1/Calls/${callSid}/Streams/leg-${callerLeg}`;
  const own = (await get(`${stream}?PageSize=100`)).body.events.findIndex(
    ({ revision, type }: { revision: number; type: string }) => revision > 0 && type === 'LegEnded',
  );
  const last = own + 51 * TOGETHER;
  const { body: end } = await get(`${stream}?From=${last}&PageSize=100`);
  expect(end).toMatchObject({ events: [{ revision: last, type: 'DigitReceived' }], next_page_uri: null });
  const { body: middle } = await get(`${stream}?From=25000&PageSize=100`);
  expect(middle.events).toHaveLength(100);
  expect(middle.next_page_uri).toBe(`${stream}?From=25100&PageSize=100`);
  await app.close();
  await fixture.close();
});
