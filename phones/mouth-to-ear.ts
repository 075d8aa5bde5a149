import { TandemError } from '@tandem/actors/errors';
import { correlate } from './correlate.ts';
import { markedSignal } from './marked-signal.ts';
import type { RtpEndpoint } from './rtp-endpoint.ts';

/** Seconds of the mark, and its first samples, by which it is looked for. */
const LENGTH = 0.3;
const BEGINNING = 800;
/** Samples after which what was heard is looked through: 100 ms. */
const LOOK = 800;
/** By chance no two stretches of that length are so alike. */
const FOUND = 0.4;
/** Samples of a packet. */
const FRAME = 160;

/** Milliseconds after which a mark that was said and not heard is lost, and another is said. */
const LOST_AFTER = 1500;

let marks = 0;

/**
 * Milliseconds from one telephone's mouth to the other's ear: from when a sample is spoken until it can be heard,
 * with the 20 ms for which a telephone gathers a packet, and without a buffer against jitter, which ours have not.
 * What is said before is heard out first; the median of 15 packets is taken. Both telephones run in this process,
 * so there is one clock, right to about a millisecond while the process is not busy.
 *
 * @param patience milliseconds until it is given up; while the two are not connected yet, marks are lost and said anew
 * @throws media.mark-not-heard
 */
export async function mouthToEar(
  speaker: RtpEndpoint,
  listener: RtpEndpoint,
  patience = 10_000,
): Promise<number> {
  const until = performance.now() + patience;
  while (performance.now() < until) {
    const delay = await delayOfOne(speaker, listener, until);
    if (delay !== undefined) return delay;
  }
  throw new TandemError('media.mark-not-heard', { patience });
}

/** Says one mark; nothing when it is not heard in time. */
async function delayOfOne(
  speaker: RtpEndpoint,
  listener: RtpEndpoint,
  until: number,
): Promise<number | undefined> {
  const mark = markedSignal(LENGTH, 1000 + marks++);
  const from = listener.heard.length;
  const said = speaker.say(mark);
  const end = said + mark.length - 1;
  if (!(await happens(speaker, () => speaker.spokenAt(end) !== undefined, until))) return undefined;
  const late = Math.min(until, performance.now() + LOST_AFTER);
  const heard = (samples: number) => happens(listener, () => listener.heard.length >= samples, late);
  for (let looked = from; await heard(looked + LOOK + BEGINNING); looked += LOOK) {
    const { at, score } = correlate(mark.subarray(0, BEGINNING), listener.heard, looked, looked + LOOK - 1);
    if (score < FOUND) continue;
    return (await heard(at + mark.length))
      ? medianDelay(speaker, listener, said, at, mark.length)
      : undefined;
  }
  return undefined;
}

/** Whether something happens to a telephone's audio before a time. */
async function happens(audio: RtpEndpoint, condition: () => boolean, before: number): Promise<boolean> {
  let over = false;
  const limit = Promise.withResolvers<void>();
  const timer = setTimeout(
    () => {
      over = true;
      limit.resolve();
    },
    Math.max(0, before - performance.now()),
  );
  try {
    await Promise.race([audio.until(() => over || condition()), limit.promise]);
    return condition();
  } finally {
    clearTimeout(timer);
  }
}

/** From what is said at a position and heard at an index; milliseconds. */
function medianDelay(
  speaker: RtpEndpoint,
  listener: RtpEndpoint,
  said: number,
  heard: number,
  length: number,
): number {
  const delays: number[] = [];
  for (let at = FRAME / 2; at < length; at += FRAME)
    delays.push(listener.heardAt(heard + at)! - speaker.spokenAt(said + at)!);
  return delays.sort((one, other) => one - other)[delays.length >> 1]!;
}
