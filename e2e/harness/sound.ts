import { amplitudeOf } from '@tandem/gateways/audio/goertzel.ts';
import { writeWav } from '@tandem/gateways/audio/wav.ts';

/** A sine at -10 dBm0; seconds. */
export function sine(frequency: number, seconds: number): Int16Array {
  const step = (2 * Math.PI * frequency) / 8000;
  return Int16Array.from({ length: seconds * 8000 }, (_, at) => amplitudeOf(-10) * Math.sin(step * at));
}

/** A WAV file with a sine. */
export const toneFile = (frequency: number, seconds: number): Buffer =>
  Buffer.from(writeWav(sine(frequency, seconds), 8000));
