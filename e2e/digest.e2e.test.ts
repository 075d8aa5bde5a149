import { expect } from '@jest/globals';
import { hungUp } from './harness/peers.ts';
import {
  caller,
  expectAnswer,
  expectAnswered,
  expectChallenge,
  mayCome,
  type Step,
  scenario,
  sdp,
} from './harness/sipp-scenario.ts';
import { type Stage, scenarios } from './harness/stage.ts';

// sipp knows MD5 only, and looks at the first challenge.
const [USER, PASSWORD, GUESS] = ['trunk-user', 'a-password-of-the-trunk', 'a-guess'];

const test = scenarios({
  trunks: ([carrier, ...others]) => [
    { ...carrier, authenticate: [{ username: USER, password: PASSWORD }], digestAlgorithms: ['MD5'] },
    ...others,
  ],
});

const HELLO = { '/voice': '<Response><Pause length="1"/><Reject/></Response>' };

const challenged = (...then: Step[]): string =>
  scenario(caller.invite(sdp()), mayCome(100), expectChallenge(), caller.ackRefusal(), ...then);

const knowsThePassword = (...then: Step[]): string =>
  challenged(caller.inviteAs(USER, PASSWORD, sdp()), ...then);

/** Who is asked again, because what it said was wrong. */
const GUESSES = challenged(
  caller.inviteAs(USER, GUESS, sdp()),
  mayCome(100),
  expectChallenge(),
  caller.ackRefusal(2),
);

const REFUSED_UNREAD = challenged(
  caller.inviteAs(USER, PASSWORD, sdp()),
  mayCome(100),
  expectAnswer(403, { 'Retry-After': '[0-9]+' }),
  caller.ackRefusal(2),
);

const secrets = (stage: Stage): string[] => {
  const log = JSON.stringify([stage.network.region.log, stage.network.main.log]);
  return [PASSWORD, GUESS].filter((secret) => log.includes(secret));
};

test('a call with the right password is taken, and hung up as others are', {
  '/voice': '<Response><Say>Hello</Say></Response>',
}, async (stage) => {
  const carrier = await stage.carrier(
    knowsThePassword(mayCome(100, 180), expectAnswered(), caller.ack(2), ...hungUp()),
  );
  await carrier.finished();
  expect(await stage.calls()).toMatchObject([{ reason: 'completed' }]);
});

test('calls with wrong ones are not; after so many, none is looked at for a while', HELLO, async (stage) => {
  for (let guess = 0; guess < 10; guess += 1) await (await stage.carrier(GUESSES)).finished();
  await (await stage.carrier(REFUSED_UNREAD)).finished();
  expect(await stage.calls()).toEqual([]);
  expect(secrets(stage)).toEqual([]);
});

test('a trunk that need prove nothing calls as before', HELLO, async (stage) => {
  const carrier = await stage.carrier(
    scenario(caller.invite(sdp()), mayCome(100, 180), expectAnswer(603), caller.ackRefusal()),
    { address: '127.0.0.2' },
  );
  await carrier.finished();
  expect(await stage.calls()).toMatchObject([{ reason: 'rejected' }]);
});
