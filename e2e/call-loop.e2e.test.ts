import { expect } from '@jest/globals';
import { NUMBER } from './harness/network.ts';
import { hungUp } from './harness/peers.ts';
import { caller, expectAnswer, expectAnswered, mayCome, scenario, sdp } from './harness/sipp-scenario.ts';
import { scenarios } from './harness/stage.ts';

// The carrier's trunk leads back to the region, so that whom a number dials is that number again.
const test = scenarios({
  trunks: ([carrier, ...others], sip) => [{ ...carrier, address: sip }, ...others],
});

const HOPS = 4;

test('a number that dials itself: the call ends when it has made its hops, and the history says why', {
  '/voice': `<Response><Dial answerOnBridge="true"><Number>${NUMBER}</Number></Dial></Response>`,
}, async (stage) => {
  const carrier = await stage.carrier(
    scenario(
      caller.invite(sdp(), [], { hops: HOPS }),
      mayCome(100, 180),
      expectAnswer(480),
      caller.ackRefusal(),
    ),
  );
  await carrier.finished();
  const calls = await stage.calls();
  expect(calls).toHaveLength(HOPS);
  expect(calls.at(-2)!.legs[1]).toMatchObject({ to: NUMBER, reason: 'failed', status: 483 });
  expect(calls.at(-1)).toMatchObject({
    reason: 'failed',
    lastFailure: { code: 'sip.too-many-hops', message: expect.stringContaining(NUMBER) },
    legs: [{ reason: 'failed', status: 483 }],
  });
});

test('a number that answers before it dials itself: the last call goes on when its Dial has failed', {
  '/voice': `<Response><Dial><Number>${NUMBER}</Number></Dial></Response>`,
}, async (stage) => {
  const carrier = await stage.carrier(
    scenario(
      caller.invite(sdp(), [], { hops: 2 }),
      mayCome(100, 180),
      expectAnswered(),
      caller.ack(),
      ...hungUp(),
    ),
  );
  await carrier.finished();
  const calls = await stage.calls();
  expect(calls).toHaveLength(2);
  expect(calls[0]!.legs).toMatchObject([{ reason: 'completed' }, { reason: 'failed', status: 483 }]);
});
