import { expect } from '@jest/globals';
import { freePort } from '@tandem/actors/testing/free-port.ts';
import { CALLEE, CARRIER, CARRIER_HANGS_UP, hangsUp, hungUp } from './harness/peers.ts';
import {
  caller,
  expectAnswer,
  expectAnswered,
  mayCome,
  scenario,
  sdp,
  waitFor,
} from './harness/sipp-scenario.ts';
import { soundsOf } from './harness/sound.ts';
import { scenarios } from './harness/stage.ts';

const test = scenarios();

const dial = (target: string) => ({ '/voice': `<Response><Dial>${target}</Dial></Response>` });

test(
  'a trunk that says nothing at all: the other trunk is tried, and answers',
  dial('<Number>+15550142</Number>'),
  async (stage) => {
    const second = await stage.callee(CALLEE, { port: stage.network.secondCarrierPort });
    const carrier = await stage.carrier(CARRIER_HANGS_UP);
    await stage.bridged();
    await carrier.go('bye');
    await Promise.all([second.finished(), carrier.finished()]);
    const [call] = await stage.calls();
    expect(call!.legs.map(({ reason }) => reason)).toEqual(['completed', 'completed']);
  },
);

test('X- header fields reach the application, and go out with a SIP URI’s', {}, async (stage) => {
  const port = await freePort();
  stage.serve(dial(`<Sip>sip:bob@127.0.0.1:${port}?x-order=7%20a</Sip>`));
  const bob = await stage.callee(CALLEE, { port });
  const carrier = await stage.carrier(
    scenario(
      caller.invite(sdp(), ['X-Customer: 42', 'X-Tandem-Region: forged']),
      mayCome(100, 180, 183),
      expectAnswered(),
      caller.ack(),
      waitFor('bye'),
      ...hangsUp(),
    ),
  );
  await bob.received(/^x-order: 7 a\r?$/m);
  await stage.bridged();
  await carrier.go('bye');
  await Promise.all([bob.finished(), carrier.finished()]);
  const { params } = stage.asked()[0]!;
  expect(params['SipHeader_X-Customer']).toBe('42');
  expect(Object.keys(params).filter((name) => /tandem/i.test(name))).toEqual([]);
});

test(
  'a host in a private network is not called, and the history says why',
  dial('<Sip>sip:x@10.255.0.1</Sip>'),
  async (stage) => {
    const carrier = await stage.carrier(CARRIER);
    await carrier.finished();
    const [call] = await stage.calls();
    expect(call!.legs[1]).toMatchObject({ to: 'sip:x@10.255.0.1', reason: 'failed' });
    await stage.happened(
      ({ type, data }) => type === 'LegEnded' && JSON.stringify(data).includes('10.255.0.1 (private)'),
    );
    const logged = await stage.network.region.logged(({ msg }) => msg === 'There is no way to 10.255.0.1.');
    expect(logged).toMatchObject({ level: 'warn', err: { code: 'sip.private-address' } });
  },
);

const parts = (disposition: string): string =>
  [
    '--next',
    'Content-Type: application/isup',
    `Content-Disposition: ${disposition}`,
    '',
    'x',
    '--next',
    'Content-Type: application/sdp',
    '',
    sdp(),
    '--next--',
    '',
  ].join('\n');
const SEVERAL = { type: 'multipart/mixed;boundary=next' };

test('an INVITE with more than SDP in it: what may be left alone is, and what is required and unknown refused', {
  '/voice': '<Response><Say>Hello</Say></Response>',
}, async (stage) => {
  const carrier = await stage.carrier(
    scenario(
      caller.invite(parts('signal;handling=optional'), [], SEVERAL),
      mayCome(100, 180, 183),
      expectAnswered(),
      caller.ack(),
      ...hungUp(),
    ),
  );
  await carrier.finished();
  expect(soundsOf(carrier.audio.heard)).toContain('speech');
  const refused = await stage.carrier(
    scenario(
      caller.invite(parts('signal;handling=required'), [], SEVERAL),
      mayCome(100),
      expectAnswer(415, { Accept: 'multipart/mixed' }),
      caller.ackRefusal(),
    ),
  );
  await refused.finished();
});
