import { type ChannelCredentials, Client, type ClientReadableStream, type ServiceError } from '@grpc/grpc-js';
import { TandemError } from '@tandem/actors/errors';
import { channelOptions } from '@tandem/actors/link';
import { SAMPLE_RATE } from '../audio/signal/index.ts';
import { LONGEST_TEXT, type Speech, type SpeechRequest } from '../audio/speech/index.ts';
import { FairTurns } from '../audio/threads/index.ts';
import { type Spoken, speakLimits, speakMethod } from './speak-method.ts';

export interface SpeakClientOptions {
  /** `host:port` of a border. */
  readonly address: string;
  /** The region of that border, which its certificate is for. */
  readonly authority: string;
  readonly credentials: ChannelCredentials;
  /** Milliseconds for an answer. Default 90 s. */
  readonly patience?: number;
}

/** Has texts said by a region's speech service, over a connection to a border that is not that of the pings. */
export interface SpeakClient {
  /** `region` is the border's own, or one that it is to ask. @throws media.service-away, media.speech-failed, media.text-too-long, media.audio-overloaded */
  speak(region: string, request: SpeechRequest): Promise<Speech>;
  /** Ends what is under way with media.service-away. */
  close(): void;
}

/** What is wrong with a text is so everywhere; with all else, another region may help. */
const OF_THE_TEXT: ReadonlySet<string> = new Set(['media.speech-failed', 'media.text-too-long']);

/** Opens its connection with the first text. */
export function createSpeakClient(options: SpeakClientOptions): SpeakClient {
  const { address, authority, patience = speakLimits.patience } = options;
  const turns = new FairTurns(speakLimits.atOnce, speakLimits.waiting);
  const underWay = new Set<ClientReadableStream<Spoken>>();
  let client: Client | undefined;
  let closed = false;

  function connected(): Client {
    client ??= new Client(address, options.credentials, {
      ...channelOptions,
      'grpc.use_local_subchannel_pool': 1,
      'grpc.keepalive_time_ms': 10_000,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 5000,
      'grpc.ssl_target_name_override': authority,
      'grpc.default_authority': authority,
    });
    return client;
  }

  function fetch(region: string, request: SpeechRequest): Promise<Speech> {
    const { text, voice, language, sampleRate = SAMPLE_RATE, asker, signal } = request;
    if (closed) return Promise.reject(away(region, 'the way there is closed'));
    const stream = connected().makeServerStreamRequest(
      speakMethod.path,
      speakMethod.requestSerialize,
      speakMethod.responseDeserialize,
      { region, text, voice, language, sampleRate, ...asker },
      { deadline: Date.now() + patience },
    );
    const takeBack = (): void => stream.cancel();
    signal?.addEventListener('abort', takeBack);
    underWay.add(stream);
    return receive(stream, region).finally(() => {
      signal?.removeEventListener('abort', takeBack);
      underWay.delete(stream);
      stream.cancel();
    });
  }

  return {
    async speak(region, request) {
      const { length } = request.text;
      if (length > LONGEST_TEXT)
        throw new TandemError('media.text-too-long', { length, limit: LONGEST_TEXT });
      return turns.run(() => fetch(region, request), request.asker, request.signal);
    },
    close() {
      closed = true;
      for (const stream of underWay) stream.cancel();
      client?.close();
    },
  };
}

const away = (region: string, detail: string): TandemError =>
  new TandemError('media.service-away', { service: 'speech', region, detail: detail.replace(/\.$/, '') });

/** The answer, whole, or why it is none. */
function receive(stream: ClientReadableStream<Spoken>, region: string): Promise<Speech> {
  const { promise, resolve, reject } = Promise.withResolvers<Speech>();
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  let sampleRate = 0;
  let filled = 0;
  const wrong = (what: string): void => reject(away(region, `its answer ${what}`));

  function begin({ sampleRate: rate, samples }: NonNullable<Spoken['header']>): void {
    const size = 2 * (samples ?? 0);
    sampleRate = rate ?? 0;
    if (bytes || size > speakLimits.bytes || ![8000, 16_000].includes(sampleRate))
      wrong('begins as none may');
    else bytes = new Uint8Array(size);
  }

  function take({ header, samples, refusal }: Spoken): void {
    if (refusal) reject(refused(region, refusal.code ?? '', refusal.message ?? ''));
    else if (header) begin(header);
    else if (!bytes || !samples || filled + samples.length > bytes.length) wrong('is none that there may be');
    else {
      bytes.set(samples, filled);
      filled += samples.length;
    }
  }

  stream.on('data', take);
  stream.on('error', ({ details, message }: ServiceError) => reject(away(region, details || message)));
  stream.on('end', () => {
    if (!bytes || filled < bytes.length) return wrong('is not complete');
    resolve({ samples: new Int16Array(bytes.buffer), sampleRate });
  });
  return promise;
}

function refused(region: string, code: string, message: string): TandemError {
  if (OF_THE_TEXT.has(code))
    return new TandemError('media.speech-failed', { detail: message.replace(/\.$/, '') });
  return away(region, message);
}
