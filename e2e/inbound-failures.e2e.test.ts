import { expect } from '@jest/globals';
import type { Pages } from './harness/application-server.ts';
import { NUMBER_WITH_FALLBACK } from './harness/network.ts';
import { CARRIER, carrierRefused } from './harness/peers.ts';
import { soundsOf, toneFile } from './harness/sound.ts';
import { scenarios } from './harness/stage.ts';

const test = scenarios();

test('nobody has the number that is called', {}, async (stage) => {
  const carrier = await stage.carrier(carrierRefused(404), { number: '+15550999' });
  await carrier.finished();
  expect(await stage.calls()).toMatchObject([
    { reason: 'not-found', legs: [{ reason: 'not-found', status: 404 }] },
  ]);
  expect(stage.asked()).toEqual([]);
});

const failures: readonly [name: string, application: Pages, code: string][] = [
  ['answers 500', { '/voice': { status: 500, body: 'Oh no' } }, 'document.bad-status'],
  ['answers what is no XML', { '/voice': '<Response><Say>Hello' }, 'document.bad-xml'],
  [
    'answers a verb that is not run',
    { '/voice': '<Response><Record/></Response>' },
    'document.unsupported-verb',
  ],
  [
    'cannot be reached',
    { '/voice': '<Response><Redirect>http://127.0.0.1:1/</Redirect></Response>' },
    'document.unreachable',
  ],
];

for (const [name, application, code] of failures)
  test(
    `an application that ${name}: the caller hears an apology, and the history says why`,
    application,
    async (stage) => {
      const carrier = await stage.carrier(CARRIER);
      await carrier.finished();
      expect(soundsOf(carrier.audio.heard)).toContain('speech');
      const [call] = await stage.calls();
      expect(call).toMatchObject({
        state: 'ended',
        reason: 'application-failed',
        lastFailure: { code },
        legs: [{ reason: 'application-failed' }],
      });
      expect(call!.lastFailure!.message).toContain('http://127.0.0.1');
    },
  );

test('the fallback is asked when the application fails, and is told why', {
  '/tone.wav': { contentType: 'audio/wav', body: toneFile(620, 1) },
  '/voice': { status: 503, body: '' },
  '/fallback': '<Response><Play>/tone.wav</Play></Response>',
}, async (stage) => {
  const carrier = await stage.carrier(CARRIER, { number: NUMBER_WITH_FALLBACK });
  await carrier.finished();
  expect(soundsOf(carrier.audio.heard)).toContain('620 Hz');
  expect(stage.asked().at(-1)).toMatchObject({
    path: '/fallback',
    params: { ErrorCode: 'document.bad-status' },
  });
  expect(await stage.calls()).toMatchObject([
    { reason: 'completed', lastFailure: { code: 'document.bad-status' } },
  ]);
});

test('a file that cannot be had is passed over, and the history says why', {
  '/tone.wav': { contentType: 'audio/wav', body: toneFile(620, 1) },
  '/voice': '<Response><Play>/missing.wav</Play><Play>/tone.wav</Play></Response>',
}, async (stage) => {
  const carrier = await stage.carrier(CARRIER);
  await carrier.finished();
  expect(soundsOf(carrier.audio.heard)).toContain('620 Hz');
  const [call] = await stage.calls();
  expect(call!.reason).toBe('completed');
  expect(call!.lastFailure!.message).toContain('/missing.wav');
});
