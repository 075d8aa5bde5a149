import {
  callee,
  caller,
  expectAnswer,
  expectAnswered,
  expectRequest,
  mayCome,
  reply,
  type Sdp,
  type Step,
  scenario,
  sdp,
  waitFor,
} from './sipp-scenario.ts';

// What carriers and called parties mostly do; a test writes its own steps for what it is about.

/** A carrier's call is made and answered. */
export const called = (description: Sdp = {}): Step[] => [
  caller.invite(sdp(description)),
  mayCome(100, 180, 183),
  expectAnswered(),
  caller.ack(),
];

/** It is hung up by the other side. */
export const hungUp = (fits: Readonly<Record<string, string>> = {}): Step[] => [
  expectRequest('BYE', fits),
  reply(),
];

/** The carrier hangs up, with a request of this number. */
export const hangsUp = (cseq = 2): Step[] => [caller.request('BYE', cseq), expectAnswer(200)];

/** A call by a carrier that is hung up by the other side. */
export const CARRIER = scenario(...called(), ...hungUp());

/** A call by a carrier that hangs up when it is told to go on with `bye`. */
export const CARRIER_HANGS_UP = scenario(...called(), waitFor('bye'), ...hangsUp());

/** A call by a carrier that is refused with a status. */
export const carrierRefused = (status: number): string =>
  scenario(caller.invite(sdp()), mayCome(100, 180), expectAnswer(status), caller.ackRefusal());

/** Somebody is called and picks up after ringing. */
export const picksUp = (description: Sdp = {}): Step[] => [
  callee.invited(),
  callee.answer('180 Ringing'),
  callee.answer('200 OK', { body: sdp(description) }),
  expectRequest('ACK'),
];

/** A called party that answers and is hung up by the other side. */
export const CALLEE = scenario(...picksUp(), ...hungUp());

/** A called party that answers, and hangs up when it is told to go on with `bye`. */
export const CALLEE_HANGS_UP = scenario(
  ...picksUp(),
  waitFor('bye'),
  callee.request('BYE', 1),
  expectAnswer(200),
);

/** A called party that rings until the call is taken back. */
export const CALLEE_RINGS = scenario(
  callee.invited(),
  callee.answer('180 Ringing'),
  expectRequest('CANCEL'),
  reply(),
  callee.answer('487 Request Terminated'),
  expectRequest('ACK'),
);

/** A called party that refuses. */
export const refuses = (status: string): string =>
  scenario(callee.invited(), callee.answer(status), expectRequest('ACK'));
