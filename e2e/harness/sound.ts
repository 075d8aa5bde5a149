import { setTimeout } from 'node:timers/promises';
import { writeWav } from '@tandem/gateways/audio/files';
import { amplitudeOf, dominantFrequencies, frequenciesOf } from '@tandem/gateways/audio/signal';
import type { RtpEndpoint } from '@tandem/phones';

/** Samples of a second. */
const RATE = 8000;

/** A sine at -10 dBm0; seconds. */
export function sine(frequency: number, seconds: number, sampleRate = RATE): Int16Array {
  const step = (2 * Math.PI * frequency) / sampleRate;
  return Int16Array.from({ length: seconds * sampleRate }, (_, at) => amplitudeOf(-10) * Math.sin(step * at));
}

/** A WAV file with a sine. */
export const toneFile = (frequency: number, seconds: number, sampleRate = RATE): Buffer =>
  Buffer.from(writeWav(sine(frequency, seconds, sampleRate), sampleRate));

/** Keys as tones (ITU-T Q.23), 80 ms each with pauses as long. */
export function keyTones(keys: string): Int16Array {
  const length = 0.08 * RATE;
  const samples = new Int16Array(keys.length * 2 * length);
  [...keys].forEach((key, index) => {
    const [low, high] = frequenciesOf(key)!.map((frequency) => sine(frequency, 0.08));
    for (let at = 0; at < length; at++) samples[(2 * index + 1) * length + at] = low![at]! + high![at]!;
  });
  return samples;
}

/** Somebody who hears: a peer of a test. */
export interface Listener {
  readonly audio: RtpEndpoint;
  readonly closed: boolean;
}

/** Samples that `hears` and `hearsSpeech` listen to together, from one of them to the next. */
const MOVE = RATE / 4;

/**
 * Listens to what was heard last and to all that comes, so long a piece at a time: what was heard while this process had
 * no time to listen is not missed.
 */
async function until(
  listener: Listener,
  length: number,
  fits: (piece: Int16Array) => boolean,
): Promise<void> {
  const { audio } = listener;
  for (let at = Math.max(0, audio.heard.length - length); ; ) {
    // What was forgotten is not waited for.
    if (at > audio.heard.length) at = 0;
    for (; at + length <= audio.heard.length; at += MOVE)
      if (fits(audio.heard.subarray(at, at + length))) return;
    await setTimeout(50);
    if (listener.closed) throw new Error('What was listened for had not come when the peer was closed');
  }
}

/** Resolves when a tone of this frequency is heard. */
export const hears = (listener: Listener, frequency: number): Promise<void> =>
  until(listener, RATE / 2, (piece) =>
    dominantFrequencies(piece).some((peak) => Math.abs(peak.frequency - frequency) < 10 && peak.level > -25),
  );

/** Samples that are looked at together, and from one look to the next. */
const WINDOW = 2048;
const STEP = 1024;
/** What does not last for so many looks (half a second) is an edge between two sounds. */
const SHORTEST = 3;

/** One look: `silence`, a frequency to the nearest 10 Hz, or nothing when there are several. */
function look(samples: Int16Array): string {
  const peaks = dominantFrequencies(samples, 2);
  if (peaks.length === 0) return 'silence';
  return peaks.length > 1 ? '' : `${Math.round(peaks[0]!.frequency / 10) * 10} Hz`;
}

/** What was heard, one after the other: `silence`, `1000 Hz`, or `speech`, which is what does not stay the same. */
export function soundsOf(samples: Int16Array): string[] {
  const runs: { sound: string; looks: number }[] = [];
  for (let at = 0; at + WINDOW <= samples.length; at += STEP) {
    const sound = look(samples.subarray(at, at + WINDOW));
    if (runs.at(-1)?.sound === sound) runs.at(-1)!.looks++;
    else runs.push({ sound, looks: 1 });
  }
  const sounds: { sound: string; looks: number }[] = [];
  for (const { sound: heard, looks } of runs) {
    const sound = heard === '' || looks < SHORTEST ? 'speech' : heard;
    if (sounds.at(-1)?.sound === sound) sounds.at(-1)!.looks += looks;
    else sounds.push({ sound, looks });
  }
  const lasting = sounds.filter(({ looks }) => looks >= SHORTEST).map(({ sound }) => sound);
  return lasting.filter((sound, index) => sound !== lasting[index - 1]);
}

/** Resolves when speech is heard: most of the last second is no single tone. */
export const hearsSpeech = (listener: Listener): Promise<void> =>
  until(listener, 4 * WINDOW, (piece) => {
    const looks = [0, 1, 2, 3].map((index) => piece.subarray(index * WINDOW, (index + 1) * WINDOW));
    return looks.filter((one) => look(one) === '').length > 2;
  });
