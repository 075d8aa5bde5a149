import { credentials } from '@grpc/grpc-js';
import type { LinkTls } from '@tandem/actors/peers';
import type { SpeechSynthesizer } from '../audio/speech/index.ts';
import { createSpeakClient } from '../speaking/index.ts';
import type { Border } from './border.ts';

export interface ProxiedSpeechOptions {
  /** Whose service it really is. */
  readonly home: string;
  /** This region. */
  readonly region: string;
  readonly tls: LinkTls;
  /** Of a further gateway: where the border of its region listens. */
  readonly via?: string;
  /** What the border in the same process does, without `via`. */
  readonly speak?: Border['speak'];
}

/** The speech of another region, for a gateway that is its static proxy: asked for at the border of the gateway's own region. */
export function proxiedSpeech({ home, region, tls, via, speak }: ProxiedSpeechOptions): SpeechSynthesizer {
  if (via === undefined) return { synthesize: (request) => speak!(home, request), close: async () => {} };
  const client = createSpeakClient({
    address: via,
    authority: region,
    credentials: credentials.createSsl(tls.ca, tls.key, tls.cert),
  });
  return { synthesize: (request) => client.speak(home, request), close: async () => client.close() };
}
