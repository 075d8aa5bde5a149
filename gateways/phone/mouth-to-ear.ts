import { TandemError } from '@tandem/actors/errors/tandem-error.ts';
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

let marks = 0;

/**
 * Milliseconds from one telephone's mouth to the other's ear: from when a sample is spoken until it can be heard,
 * with the 20 ms for which a telephone gathers a packet, and without a buffer against jitter, which ours have not.
 * What is said before is heard out first; the median of 15 packets is taken. Both telephones run in this process,
 * so there is one clock, right to about a millisecond while the process is not busy.
 *
 * @param patience milliseconds until it is given up
 * @throws media.mark-not-heard
 */
export async function mouthToEar(
  speaker: RtpEndpoint,
  listener: RtpEndpoint,
  patience = 10_000,
): Promise<number> {
  const mark = markedSignal(LENGTH, 1000 + marks++);
  const from = listener.heard.length;
  const said = speaker.say(mark);
  let late = false;
  const limit = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    late = true;
    limit.resolve();
  }, patience);
  try {
    const heard = (samples: number) =>
      Promise.race([listener.until(() => late || listener.heard.length >= samples), limit.promise]);
    for (let looked = from; !late; looked += LOOK) {
      await heard(looked + LOOK + BEGINNING);
      const { at, score } = correlate(mark.subarray(0, BEGINNING), listener.heard, looked, looked + LOOK - 1);
      if (score < FOUND) continue;
      await heard(at + mark.length);
      if (!late) return medianDelay(speaker, listener, said, at, mark.length);
    }
    throw new TandemError('media.mark-not-heard', { patience });
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
