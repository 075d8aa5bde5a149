import { expect } from '@jest/globals';
import { freePort } from '@tandem/actors/testing/free-port.ts';
import { CALLEE, hangsUp } from './harness/peers.ts';
import { caller, expectAnswered, mayCome, scenario, sdp, waitFor } from './harness/sipp-scenario.ts';
import { type Stage, scenarios } from './harness/stage.ts';

// The first carrier is trusted, the second, at 127.0.0.2, is not.
const test = scenarios({ trunks: ([carrier, ...others]) => [{ ...carrier, trusted: true }, ...others] });

const NUMBER = '+15550177';
const NOBODY = /^From: "Anonymous" <sip:anonymous@anonymous\.invalid>/m;

const WITHHELD = scenario(
  caller.invite(sdp(), [`P-Asserted-Identity: "Bell" <sip:${NUMBER}@carrier.example>`, 'Privacy: id']),
  mayCome(100, 180, 183),
  expectAnswered(),
  caller.ack(),
  waitFor('bye'),
  ...hangsUp(),
);

const dial = (target: string) => ({ '/voice': `<Response><Dial>${target}</Dial></Response>` });

/** Who withholds their number calls by way of the application; what it and the history know of them. */
async function withheldCall(stage: Stage, port: number, address: string): Promise<{ isNamed: boolean }> {
  const called = await stage.callee(CALLEE, { port });
  const carrier = await stage.carrier(WITHHELD, { address });
  await stage.bridged();
  expect(await called.hasReceived(NOBODY)).toBe(true);
  expect(await called.hasReceived(/^Privacy: id\r?$/m)).toBe(true);
  const isNamed = await called.hasReceived(new RegExp(NUMBER.replace('+', '\\+')));
  await carrier.go('bye');
  await Promise.all([called.finished(), carrier.finished()]);
  const { params } = stage.asked().at(-1)!;
  expect(params).toMatchObject({ From: 'anonymous', Caller: 'anonymous' });
  expect(params).not.toHaveProperty('CallerName');
  const [call] = await stage.calls();
  const history = JSON.stringify(await stage.network.api(`/v1/Calls/${call!.sid}/Events`));
  expect(history).toContain('anonymous');
  expect(history).not.toContain(NUMBER);
  return { isNamed };
}

test(
  'a number that is withheld is told from a trusted trunk to a trusted trunk',
  dial('<Number>+15550142</Number>'),
  async (stage) => {
    expect(await withheldCall(stage, stage.network.carrierPort, '127.0.0.1')).toEqual({ isNamed: true });
  },
);

test('it is told to nobody else', {}, async (stage) => {
  const port = await freePort();
  stage.serve(dial(`<Sip>sip:bob@127.0.0.1:${port}</Sip>`));
  expect(await withheldCall(stage, port, '127.0.0.1')).toEqual({ isNamed: false });
});

test(
  'what a trunk says of it that is not trusted is not passed on',
  dial('<Number>+15550142</Number>'),
  async (stage) => {
    expect(await withheldCall(stage, stage.network.carrierPort, '127.0.0.2')).toEqual({ isNamed: false });
  },
);
