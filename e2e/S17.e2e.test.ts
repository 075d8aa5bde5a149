import { expect } from '@jest/globals';
import { talk } from './harness/conversation.ts';
import { CALLEE, CARRIER_HANGS_UP, carrierRefused } from './harness/peers.ts';
import { caller, expectAnswer, scenario } from './harness/sipp-scenario.ts';
import { type Stage, scenarios } from './harness/stage.ts';

// S17: a region with two gateways. One near its capacity gets no new calls, one that drains gets none, and what is
// there goes on.

const test = scenarios({ further: { capacity: 1 } });

const DIAL = { '/voice': '<Response><Dial><Number>+15550142</Number></Dial></Response>' };

/** A carrier that asks whether the gateway takes calls. */
const health = (status: number): string => scenario(caller.options(), expectAnswer(status));

const drain = (stage: Stage, name: string, resume = false) =>
  stage.network.api(`/v1/gateways/ie1/${name}/drain${resume ? '?resume=true' : ''}`, 'POST');

/** The gateways of the test's legs, the caller's first. */
async function gatewaysOf(stage: Stage): Promise<unknown[]> {
  const [call] = await stage.calls();
  const events = await stage.network.centralEvents();
  return events
    .filter(({ type, correlation }) => /^Leg(?:Offered|Requested)$/.test(type) && correlation === call!.sid)
    .map(({ data }) => (data as { gateway: string }).gateway);
}

test(
  'a call comes in over the further gateway, which is full then; it goes out over the other',
  DIAL,
  async (stage) => {
    const { network } = stage;
    const callee = await stage.callee(CALLEE);
    const carrier = await stage.carrier(CARRIER_HANGS_UP, { remote: network.furtherSip });
    await talk(carrier, callee);
    await network.gatewayIs('gw2', ({ legs, capacity }) => legs === capacity);
    const refused = await stage.carrier(carrierRefused(503), { remote: network.furtherSip });
    await refused.finished();
    await carrier.go('bye');
    await Promise.all([carrier.finished(), callee.finished()]);
    expect(await gatewaysOf(stage)).toEqual(['gw2', 'gw1']);
  },
);

test(
  'a gateway that drains keeps its call and takes no other; it says so to who asks',
  DIAL,
  async (stage) => {
    const { network } = stage;
    const callee = await stage.callee(CALLEE);
    const carrier = await stage.carrier(CARRIER_HANGS_UP);
    await talk(carrier, callee);
    expect(await drain(stage, 'gw1')).toMatchObject({ changed: true });
    const refused = await stage.carrier(carrierRefused(503));
    await refused.finished();
    const asked = await stage.carrier(health(503));
    await asked.finished();
    await talk(carrier, callee);
    await network.gatewayIs('gw1', ({ draining, legs }) => draining && legs === 2);
    await carrier.go('bye');
    await Promise.all([carrier.finished(), callee.finished()]);
    expect(await stage.calls()).toMatchObject([{ reason: 'completed' }]);
    expect(await drain(stage, 'gw1', true)).toMatchObject({ changed: true });
    const again = await stage.carrier(health(200));
    await again.finished();
  },
);

test('a gateway that drains still does after a restart, and is down meanwhile', DIAL, async (stage) => {
  const { network } = stage;
  await drain(stage, 'gw2');
  await network.further!.stop();
  await network.gatewayIs('gw2', ({ healthy, linked }) => !healthy && !linked);
  await network.startFurther();
  await network.gatewayIs('gw2', ({ healthy, draining }) => healthy && draining);
  const refused = await stage.carrier(carrierRefused(503), { remote: network.furtherSip });
  await refused.finished();
  await drain(stage, 'gw2', true);
  const asked = await stage.carrier(health(200), { remote: network.furtherSip });
  await asked.finished();
});
