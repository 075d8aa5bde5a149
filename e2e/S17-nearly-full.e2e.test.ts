import { setTimeout } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { talk } from './harness/conversation.ts';
import { CALLEE, CARRIER_HANGS_UP } from './harness/peers.ts';
import { scenarios } from './harness/stage.ts';

// S17, P6: a gateway near its capacity gets no new legs while another has room, though it is the caller's own.

// With a tenth of it left there is room for the caller's leg, whether or not the router has heard of that.
const CAPACITY = 20;
const test = scenarios({
  capacity: CAPACITY,
  further: { capacity: CAPACITY },
  ports: CAPACITY + 5,
  // A trunk beside others has all of a gateway only when the operator says so.
  trunks: (usual) => usual.map((trunk) => ({ ...trunk, capacity: CAPACITY })),
});

const WAIT = '<Response><Gather timeout="600"/></Response>';
const DIAL = '<Response><Dial><Number>+15550142</Number></Dial></Response>';

/** Of each leg that was dialled in the test, its gateway and what the policy said of it. */
type Placed = { region: string; gateway: string; decision: { reasons: string[] } };

test('calls go out over another gateway once their own is nearly full', { '/voice': DIAL }, async (stage) => {
  const { network } = stage;
  const placed = async (): Promise<Placed[]> => {
    const sids = (await network.centralEvents()).filter(({ type }) => type === 'CallLegPlaced');
    return sids.map(({ data }) => data as Placed);
  };
  const conversation = async () => {
    const callee = await stage.callee(CALLEE);
    const carrier = await stage.carrier(CARRIER_HANGS_UP);
    await talk(carrier, callee);
    await carrier.go('bye');
    await Promise.all([carrier.finished(), callee.finished()]);
  };
  await conversation();
  expect(await placed()).toMatchObject([{ gateway: 'gw1' }]);

  // From nine tenths of its capacity on it is nearly full.
  stage.serve({ '/voice': WAIT });
  const waiting = await stage.carrier(CARRIER_HANGS_UP, { calls: 0.9 * CAPACITY });
  // Once each of them has its document the next ones may be told something else.
  const said = async (): Promise<unknown[]> =>
    (await network.centralEvents()).filter(({ type }) => type === 'DocumentFetched');
  while ((await said()).length < 1 + 0.9 * CAPACITY) await setTimeout(20);
  // The router has to have heard of it, too.
  await network.gatewayIs('gw1', ({ legs }) => legs === 0.9 * CAPACITY);
  stage.serve({ '/voice': DIAL });
  await conversation();
  const [, full] = await placed();
  expect(full).toMatchObject({ gateway: 'gw2' });
  expect(full!.decision.reasons.join(' ')).toContain('not nearly full against nearly full');

  await waiting.go('bye');
  await waiting.finished();
  await network.gatewayIs('gw1', ({ legs }) => legs === 0);
  await conversation();
  expect((await placed())[2]).toMatchObject({ gateway: 'gw1' });
});
