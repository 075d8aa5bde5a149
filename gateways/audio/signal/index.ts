export { frequenciesOf } from './dtmf.ts';
export { DtmfDetector } from './dtmf-detector.ts';
export { amplitudeOf, dBm0, meanSquare, SAMPLE_RATE } from './goertzel.ts';
export { LiveResampler, loadLiveResampler } from './live-resampler.ts';
export { dominantFrequencies } from './recognise.ts';
export { join, Resampler, resample } from './resample.ts';
export { dtmfKey, tone } from './tones.ts';
