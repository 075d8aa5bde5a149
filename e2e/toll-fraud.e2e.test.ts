import { expect } from '@jest/globals';
import { NUMBER } from './harness/network.ts';
import { CARRIER, CARRIER_HANGS_UP } from './harness/peers.ts';
import { scenarios } from './harness/stage.ts';

const LIMIT = 20;

// The carrier's trunk leads back to the region, so that a call over it would come in as another call.
const test = scenarios({
  account: { limits: { calls: LIMIT, destinations: { deny: ['+1809'] } } },
  trunks: ([carrier], sip) => [{ ...carrier, address: sip, sipUris: 'numbers' }],
  ports: 2 * LIMIT,
});

const REFUSED: readonly [what: string, dial: (sip: string) => string, detail: RegExp, reason: string][] = [
  ['a satellite number', () => '<Number>+882161234567</Number>', /begin with \+882 are closed/, 'rejected'],
  [
    'a range that the account has closed',
    () => '<Number>+18095550142</Number>',
    /with \+1809 are/,
    'rejected',
  ],
  [
    'a satellite number in a SIP URI',
    (sip) => `<Sip>sip:00882161234567@${sip}</Sip>`,
    /begin with \+882 are closed/,
    'rejected',
  ],
  [
    'a number that the trunk does not reach, in a SIP URI at its address',
    (sip) => `<Sip>sip:%2B44-2079460000@${sip}</Sip>`,
    /begins with none of the prefixes/,
    'no-route',
  ],
  [
    'another port of the provider’s host',
    () => '<Sip>sip:x@127.0.0.1:22;transport=tcp</Sip>',
    /only its own address/,
    'no-route',
  ],
];

for (const [what, target, detail, reason] of REFUSED)
  test(`${what} is not called, and the history says why`, {}, async (stage) => {
    stage.serve({
      '/voice': `<Response><Pause length="1"/><Dial>${target(stage.network.sip)}</Dial></Response>`,
    });
    const carrier = await stage.carrier(CARRIER);
    await carrier.finished();
    expect(await stage.calls()).toMatchObject([
      { reason: 'completed', legs: [{}, { reason, detail: expect.stringMatching(detail) }] },
    ]);
  });

test('nobody is called as somebody else', {
  '/voice':
    '<Response><Pause length="1"/><Dial callerId="+442079460000"><Number>+15550142</Number></Dial></Response>',
}, async (stage) => {
  const carrier = await stage.carrier(CARRIER);
  await carrier.finished();
  expect(await stage.calls()).toMatchObject([
    {
      legs: [{}, { reason: 'no-route', detail: expect.stringMatching(/\+442079460000 is no number of the/) }],
    },
  ]);
});

test('a number that dials itself ten times over has as many calls as its account may have, and no more', {
  '/voice': `<Response><Dial timeout="5">${`<Number>${NUMBER}</Number>`.repeat(10)}</Dial></Response>`,
}, async (stage) => {
  const carrier = await stage.carrier(CARRIER_HANGS_UP);
  await stage.happened(
    ({ type, data }) => type === 'HangupRequested' && JSON.stringify(data).includes('its limit'),
  );
  await carrier.go('bye');
  await carrier.finished();
  // They all come to an end, although each that was let in dialled the number ten times more.
  const calls = await stage.calls();
  expect(calls.some(({ lastFailure }) => lastFailure?.code === 'account.too-many-calls')).toBe(true);
});
