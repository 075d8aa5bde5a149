export { isMp3, mp3Slices } from './mp3.ts';
export { type Audio, isWav, readWav, readWavHeader, wavSamples, writeWav } from './wav.ts';
