import { hears, type Listener, sine } from './sound.ts';

/** What the caller says, and what the callee says; hertz. */
export const CALLER_TONE = 1300;
export const CALLEE_TONE = 850;

/** Seconds: longer than any test lasts, on a slow machine, too. */
const ON_AND_ON = 300;

/** Two people who talk, for so many seconds if they are given; resolves when each has heard the other. */
export async function talk(caller: Listener, callee: Listener, seconds = ON_AND_ON): Promise<void> {
  caller.audio.say(sine(CALLER_TONE, seconds));
  callee.audio.say(sine(CALLEE_TONE, seconds));
  await hearEachOther(caller, callee);
}

/** Resolves when each hears the other, who talks already, from now on. */
export async function hearEachOther(caller: Listener, callee: Listener): Promise<void> {
  caller.audio.forget();
  callee.audio.forget();
  await Promise.all([hears(caller, CALLEE_TONE), hears(callee, CALLER_TONE)]);
}
