import { countWaits, waited } from '@tandem/actors/testing/machine-waits.ts';
import { dBm0, meanSquare } from '@tandem/gateways/audio/signal';
import { lostAudio, markedSignal } from '@tandem/phones';
import type { Sipp } from './sipp.ts';
import type { Listener } from './sound.ts';

/**
 * Milliseconds of audio that one end may miss when media moves in mid-call, by why it does, on a machine that lets
 * processes run: what this one had to wait for is allowed besides.
 */
export const LONGEST_GAP = {
  /** From a way that works to another: both are there for a moment. */
  moved: 200,
  /** From a way that may not be used any more: it ends before another is made. */
  prohibited: 1500,
  /** From a way that is gone, which takes most of it to be noticed: by pings that stay away, or by silence. */
  cut: 12_000,
  /** From somebody who has hung up to what the document says next, in the same region. */
  next: 1000,
  /** The same, when what says it is in another region: it has to be made, and a way to it. */
  nextElsewhere: 3000,
} as const;

/**
 * Two people talk, each word of theirs told from all others; what each said is compared with what is heard. Resolves
 * when they have begun.
 */
export async function converse(caller: Sipp, callee: Sipp, seconds: number) {
  countWaits();
  const [said, answered] = [markedSignal(seconds, 1), markedSignal(seconds, 2)];
  caller.audio.forget();
  callee.audio.forget();
  const begun = [
    [caller.audio, caller.audio.say(said)],
    [callee.audio, callee.audio.say(answered)],
  ] as const;
  const aSecond = 8000;
  for (const [audio, from] of begun) await audio.until(() => audio.spokenAt(from + aSecond) !== undefined);
  return {
    /** Milliseconds, from the caller to the callee and back. */
    longestGaps: (): number[] =>
      [lostAudio(said, callee.audio.heard), lostAudio(answered, caller.audio.heard)].map(({ gaps }) =>
        Math.max(0, ...gaps.map(({ lost, filled }) => Math.max(lost, filled))),
      ),
  };
}

/** Level in dBm0 below which nothing is heard. */
const SILENCE = -45;
/** Samples that are looked at together: 20 ms. */
const FRAME = 160;

/** Milliseconds of the longest time between two sounds that somebody has heard since `forget`. */
export function longestSilence({ audio }: Listener): number {
  let longest = 0;
  let last: number | undefined;
  for (let at = 0; at + FRAME <= audio.heard.length; at += FRAME) {
    if (dBm0(meanSquare(audio.heard.subarray(at, at + FRAME))) < SILENCE) continue;
    const now = audio.heardAt(at)!;
    if (last !== undefined) longest = Math.max(longest, now - last - FRAME / 8);
    last = now;
  }
  return longest;
}

/** Tells what was measured, and holds it to the bound; what the machine had processes wait is allowed besides. */
export function withinGap(what: keyof typeof LONGEST_GAP, gaps: readonly number[]): void {
  const allowed = LONGEST_GAP[what] + waited();
  console.info(
    `Longest gaps, ${what}: ${gaps.map(Math.round).join(' and ')} ms, ${Math.round(allowed)} allowed`,
  );
  const long = gaps.filter((gap) => gap >= allowed);
  if (long.length > 0) throw new Error(`${long.join(' and ')} ms were missed, ${allowed} at most`);
}
