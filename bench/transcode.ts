import { CODEC_NAMES, CODECS, type CodecName, openEncoder } from '@tandem/gateways/audio/codecs';
import { loadLiveResampler, resample } from '@tandem/gateways/audio/signal';
import { createFliteSynthesizer } from '@tandem/gateways/audio/speech';
import type { RelayFrame } from '@tandem/gateways/media';
import { isRecoded, recode, Transcoder } from '@tandem/gateways/media';
import type { Figure, Measurement } from './figure.ts';
import { nearest } from './statistics.ts';

const ROUNDS = 5;
/** CPU-seconds of a round, about. */
const ROUND = 0.4;
/** Milliseconds of a packet. */
const INTERVAL = 20;
const TEXT = `The quick brown fox jumps over the lazy dog. Please hold the line while we connect your call; all of our
  agents are talking to other people at the moment, and you are number seven in the queue.`;

/** Speech in packets of a codec: what is easy to say is cheap to code, so silence would not do. */
async function spoken(codec: CodecName): Promise<RelayFrame[]> {
  const { sampleRate, clockRate } = CODECS[codec];
  const synthesizer = createFliteSynthesizer();
  const speech = await synthesizer
    .synthesize({ text: TEXT, sampleRate: 16_000 })
    .finally(() => synthesizer.close());
  const samples = await resample(speech.samples, speech.sampleRate, sampleRate);
  const encoder = openEncoder(codec);
  const size = (sampleRate * INTERVAL) / 1000;
  const frames: RelayFrame[] = [];
  for (let at = 0, sequence = 0; at + size <= samples.length; at += size, sequence++) {
    const packet = new Uint8Array(12 + 1276);
    const bytes = encoder.encode(samples.subarray(at, at + size), packet.subarray(12));
    frames.push({
      from: 'a',
      kind: 'audio',
      codec,
      marker: false,
      ssrc: 1,
      sequence,
      timestamp: (sequence * clockRate * INTERVAL) / 1000,
      clockRate,
      packet,
      payloadStart: 12,
      payloadEnd: 12 + bytes,
    });
  }
  encoder.close();
  return frames;
}

/** One direction of a call: what the media thread does to each packet that it does not pass on as it is. */
function direction(frames: readonly RelayFrame[], to: CodecName): () => void {
  const from = frames[0]!.codec;
  if (isRecoded(from, to))
    return () => {
      for (const { packet, payloadStart, payloadEnd } of frames)
        recode(from, packet.subarray(payloadStart, payloadEnd));
    };
  const out = new Uint8Array(1276);
  return () => {
    const transcoder = new Transcoder(frames[0]!, { codec: to, interval: INTERVAL });
    const encoder = openEncoder(to);
    for (const frame of frames)
      transcoder.push(frame, (_s, _t, _m, samples) => void encoder.encode(samples, out));
    encoder.close();
    transcoder.close();
  };
}

/** Seconds of audio that a CPU-second does: as many directions as a core carries that does nothing else. */
function streamsPerCore(run: () => void, seconds: number): number {
  let times = 0;
  const before = process.cpuUsage();
  for (;;) {
    run();
    times += 1;
    const { user, system } = process.cpuUsage(before);
    const spent = (user + system) / 1e6;
    if (spent > ROUND) return (times * seconds) / spent;
  }
}

export const transcode: Measurement = {
  name: 'transcode',
  about: 'directions of calls that a core transcodes at the same time, by pair of codecs',
  async measure(say) {
    await loadLiveResampler();
    const figures: Figure[] = [];
    for (const from of CODEC_NAMES) {
      const frames = await spoken(from);
      for (const to of CODEC_NAMES) {
        if (to === from) continue;
        const run = direction(frames, to);
        const rates = Array.from({ length: ROUNDS + 1 }, () =>
          streamsPerCore(run, (frames.length * INTERVAL) / 1000),
        );
        // The first round warms up.
        const value = nearest(rates.slice(1), 0.5);
        say(`${from} to ${to}: ${Math.round(value)}`);
        figures.push({ name: `${from} to ${to}`, value, unit: 'streams a core' });
      }
    }
    return figures;
  },
};
