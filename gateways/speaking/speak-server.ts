import type { ServerWritableStream } from '@grpc/grpc-js';
import { asRecorded, TandemError } from '@tandem/actors/errors';
import { asBuffer } from '@tandem/actors/link';
import { limits } from '@tandem/actors/peers';
import type { SampleRate } from '../audio/codecs/index.ts';
import { LONGEST_TEXT, type Speech, type SpeechRequest } from '../audio/speech/index.ts';
import { type SpeakRequest, type Spoken, speakLimits } from './speak-method.ts';

/** Says a text for somebody: a region, or a gateway of this one. */
export type SpeakFor = (who: string, request: SpeechRequest) => Promise<Speech>;

export interface SpeakServerOptions {
  readonly region: string;
  /** The regions whose borders may ask. */
  readonly peers: readonly { readonly region: string }[];
  /** This region's own service; absent when it has none that is real. */
  readonly own?: SpeakFor;
  /** Asks the border of a peer. @throws border.unknown-peer */
  readonly ask: (region: string, request: SpeechRequest) => Promise<Speech>;
}

export type SpeakStream = ServerWritableStream<SpeakRequest, Spoken>;

/**
 * Answers those who ask a border for speech. A peer gets this region's own, and as many texts at a time as it may; a
 * gateway of this region gets a peer's, for which its border asks.
 */
export function createSpeakServer(
  options: SpeakServerOptions,
): (stream: SpeakStream, certificate: string) => void {
  const { region, peers, own, ask } = options;
  const asking = new Map<string, number>();

  /** @throws border.unknown-peer, link.bad-message, media.no-service */
  function sayingOf(request: SpeakRequest, certificate: string, signal: AbortSignal): Promise<Speech> {
    const isOurs = certificate === region;
    if (!isOurs && !peers.some((peer) => peer.region === certificate))
      throw new TandemError('border.unknown-peer', { region, peer: certificate });
    const wanted = { ...speechRequest(request, certificate), signal };
    const of = request.region ?? '';
    if (of === region && own) return own(certificate, wanted);
    if (isOurs && of !== region) return ask(of, wanted);
    throw new TandemError('media.no-service', { service: 'speech' });
  }

  async function serve(stream: SpeakStream, certificate: string): Promise<void> {
    const count = asking.get(certificate) ?? 0;
    // What was cancelled there may still be under way here: therefore twice as many as a peer asks for.
    const most = 2 * speakLimits.atOnce;
    if (certificate !== region && count >= most)
      throw new TandemError('media.service-full', { service: 'speech', capacity: most });
    asking.set(certificate, count + 1);
    const gone = new AbortController();
    stream.on('cancelled', () => gone.abort(new TandemError('media.closed', {})));
    try {
      await answer(stream, await sayingOf(stream.request, certificate, gone.signal));
    } finally {
      const left = asking.get(certificate)! - 1;
      if (left > 0) asking.set(certificate, left);
      else asking.delete(certificate);
    }
  }

  return (stream, certificate) => {
    stream.on('error', () => {});
    serve(stream, certificate)
      .catch((error) => {
        const { code, message } = asRecorded(error);
        stream.write({ refusal: { code, message: message.slice(0, limits.explanation) } });
      })
      .finally(() => stream.end());
  };
}

/** @throws link.bad-message */
function speechRequest(
  { text, voice, language, sampleRate, account, leg }: SpeakRequest,
  certificate: string,
): SpeechRequest {
  const bad = (detail: string): TandemError =>
    new TandemError('link.bad-message', { peer: `Region ${certificate}`, detail });
  if (!text || text.length > LONGEST_TEXT)
    throw bad(`a text to say that is empty or has more than ${LONGEST_TEXT} characters`);
  if ([voice, language, account, leg].some((name) => (name?.length ?? 0) > limits.name))
    throw bad(`a voice, language, account or leg of more than ${limits.name} characters`);
  if (sampleRate !== 8000 && sampleRate !== 16_000) throw bad(`${sampleRate} samples a second`);
  return {
    text,
    sampleRate: sampleRate satisfies SampleRate,
    ...(voice && { voice }),
    ...(language && { language }),
    asker: { account: account ?? '', leg: leg ?? '' },
  };
}

/** Sends samples, no faster than they are taken. */
async function answer(stream: SpeakStream, { samples, sampleRate }: Speech): Promise<void> {
  if (samples.byteLength > speakLimits.bytes)
    throw new TandemError('media.file-too-large', {
      what: 'What was said',
      limit: `${speakLimits.bytes} bytes`,
    });
  const bytes = asBuffer(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  stream.write({ header: { sampleRate, samples: samples.length } });
  for (let at = 0; at < bytes.length && !stream.cancelled; at += speakLimits.chunk)
    if (!stream.write({ samples: bytes.subarray(at, at + speakLimits.chunk) })) await taken(stream);
}

/** Resolves when there is room for more, or nobody there any more. */
const taken = (stream: SpeakStream): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('cancelled', done).off('error', done);
      resolve();
    };
    stream.on('drain', done).on('cancelled', done).on('error', done);
    if (stream.cancelled) done();
  });
