import { Client, credentials } from '@grpc/grpc-js';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { TandemError } from '@tandem/actors/errors';
import type { LinkTls } from '@tandem/actors/peers';
import { makeCertificates } from '@tandem/actors/peers/testing/make-certificates.ts';
import { createRenderer, type Renderer, wholeOf } from '../audio/render/render.ts';
import type { SpeechRequest } from '../audio/speech/speech.ts';
import { type Border, type BorderOptions, openBorder } from '../border/border.ts';
import { proxiedSpeech } from '../border/proxied-speech.ts';
import { ServiceTable } from '../services/service-table.ts';
import { speechService } from '../services/speech-service.ts';
import { startCuttingProxy } from '../uplink/testing/cutting-proxy.ts';
import { signal } from '../uplink/testing/link-pair.ts';
import { createSpeakClient } from './speak-client.ts';
import { type SpeakRequest, type Spoken, speakLimits, speakMethod } from './speak-method.ts';

let certificates: Record<string, LinkTls>;
beforeAll(async () => {
  certificates = await makeCertificates();
});

const opened: { close(): unknown }[] = [];
const closing = <T extends { close(): unknown }>(one: T): T => {
  opened.push(one);
  return one;
};
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const addressOf = ({ port }: { port: number }): string => `127.0.0.1:${port}`;

const startBorder = async (options: Partial<BorderOptions> & { region: string }): Promise<Border> =>
  closing(
    await openBorder({
      gateway: 'gw1',
      node: `${options.region}/gw1-1`,
      version: '0.1.0',
      mains: [],
      peers: [],
      address: { host: '127.0.0.1', port: 0 },
      tls: certificates[options.region]!,
      pingInterval: 50,
      backoff: { first: 2, most: 20, refused: 20 },
      ...options,
    }),
  );

/** Two regions that know each other; us1 speaks, ie1 asks. */
async function pair(speak?: BorderOptions['speak']) {
  let target = 1;
  const way = closing(await startCuttingProxy(() => target));
  const there = signal<string>();
  const lost = signal<string>();
  const ie1 = await startBorder({
    region: 'ie1',
    peers: [{ region: 'us1', address: way.address }],
    onPeerConnected: there.fire,
    onPeerLost: lost.fire,
  });
  const us1 = await startBorder({
    region: 'us1',
    peers: [{ region: 'ie1', address: addressOf(ie1) }],
    ...(speak && { speak }),
  });
  target = us1.port;
  await there.fired;
  return { ie1, us1, way, lost: lost.fired };
}

/** A text as sound: a sample for each character. */
const spelt = async (_who: string, { text, sampleRate }: SpeechRequest) => ({
  samples: Int16Array.from(text, (letter) => letter.charCodeAt(0)),
  sampleRate: sampleRate!,
});

const renderer = (options: Partial<Parameters<typeof createRenderer>[0]> = {}): Renderer =>
  closing(
    createRenderer({
      download: async () => {
        throw new Error('nothing is downloaded');
      },
      ...options,
    }),
  );

describe('the speech of another region', () => {
  it('comes as it was asked for, and is asked for once', async () => {
    const asked: unknown[] = [];
    const { ie1 } = await pair((who, request) => {
      asked.push([who, request]);
      return spelt(who, request);
    });
    const { render } = renderer({
      speech: proxiedSpeech({ home: 'us1', region: 'ie1', tls: certificates.ie1!, speak: ie1.speak }),
    });
    const asker = { account: 'AC1', leg: 'LG1' };
    const hello = { speech: { text: 'Hello', voice: 'man', language: 'en-GB' } };
    const samples = await wholeOf(render(hello, { sampleRate: 16_000, asker }));
    expect(String.fromCharCode(...samples)).toBe('Hello');
    await wholeOf(render(hello, { sampleRate: 16_000, asker }));
    const signal = expect.any(AbortSignal);
    expect(asked).toEqual([['ie1', { ...hello.speech, sampleRate: 16_000, asker, signal }]]);
  });

  it('comes in full, however long it is', async () => {
    const samples = Int16Array.from({ length: 500_001 }, (_, at) => (at * 7919) % 32_768);
    const { ie1 } = await pair(async () => ({ samples, sampleRate: 8000 }));
    expect(await ie1.speak('us1', { text: 'Much' })).toEqual({ samples, sampleRate: 8000 });
  });

  it('is what its own callers hear, and counts as a session of its service', async () => {
    const services = new ServiceTable({ speech: { capacity: 1 } });
    const own = renderer();
    const { ie1 } = await pair(speechService(services, own));
    const hello = { text: 'Hello' };
    const samples = await wholeOf(own.render({ speech: hello }));
    expect(await ie1.speak('us1', hello)).toEqual({ samples, sampleRate: 8000 });
    expect(services.loads()).toMatchObject([{ sessions: 0 }]);
    services.begin('speech', 'a call there');
    await expect(ie1.speak('us1', hello)).rejects.toMatchObject({
      code: 'media.service-away',
      message: expect.stringContaining('All 1 sessions'),
    });
  });

  it('is asked for as often at a time as may be; more wait, and far more are refused', async () => {
    let asking = 0;
    let most = 0;
    const full = signal();
    const release = signal();
    const { ie1 } = await pair(async (...asked) => {
      most = Math.max(most, ++asking);
      if (asking === speakLimits.atOnce) full.fire();
      await release.fired;
      asking -= 1;
      return spelt(...asked);
    });
    const count = speakLimits.atOnce + speakLimits.waiting.perAccount;
    const all = Array.from({ length: count }, (_, one) => ie1.speak('us1', { text: `${one}` }));
    await full.fired;
    await expect(ie1.speak('us1', { text: 'Too much' })).rejects.toMatchObject({
      code: 'media.audio-overloaded',
    });
    release.fire();
    expect((await Promise.all(all)).map(({ samples }) => String.fromCharCode(...samples))).toEqual(
      all.map((_, one) => `${one}`),
    );
    expect(most).toBe(speakLimits.atOnce);
  });

  it('is away while the other region is, and what was asked for is so at once', async () => {
    const asked = signal();
    const { ie1, way, lost } = await pair(() => {
      asked.fire();
      return new Promise(() => {});
    });
    const waiting = ie1.speak('us1', { text: 'Hello' });
    await asked.fired;
    way.blackHole(true);
    await lost;
    await expect(waiting).rejects.toMatchObject({ code: 'media.service-away' });
    await expect(ie1.speak('us1', { text: 'Hello' })).rejects.toMatchObject({ code: 'media.service-away' });
  });

  it.each([
    ['a text that cannot be said', 'media.speech-failed', 'media.speech-failed'],
    ['anything else', 'media.audio-failed', 'media.service-away'],
  ] as const)('fails for %s with what may be done about it', async (_what, code, says) => {
    const { ie1 } = await pair(async () => {
      throw new TandemError(code, { detail: 'of a reason' });
    });
    await expect(ie1.speak('us1', { text: 'Hello' })).rejects.toMatchObject({
      code: says,
      message: expect.stringContaining('of a reason'),
    });
  });

  it('is away where that region is a proxy itself, or has none', async () => {
    const { ie1 } = await pair();
    await expect(ie1.speak('us1', { text: 'Hello' })).rejects.toMatchObject({ code: 'media.service-away' });
    await expect(ie1.speak('de1', { text: 'Hello' })).rejects.toMatchObject({ code: 'border.unknown-peer' });
  });

  it('reaches further gateways by the border of their region', async () => {
    const { ie1 } = await pair(spelt);
    const speech = closing(
      proxiedSpeech({
        home: 'us1',
        region: 'ie1',
        tls: certificates.ie1!,
        via: addressOf(ie1),
        speak: () => Promise.reject(new Error('not here')),
      }),
    );
    const { samples } = await speech.synthesize({ text: 'Hello' });
    expect(String.fromCharCode(...samples)).toBe('Hello');
  });
});

describe('who may have a region speak', () => {
  /** What a border answers whoever has a certificate. */
  async function answers(border: Border, certificate: string, request: SpeakRequest): Promise<Spoken> {
    const { ca, key, cert } = certificates[certificate]!;
    const client = new Client(addressOf(border), credentials.createSsl(ca, key, cert), {
      'grpc.ssl_target_name_override': 'us1',
    });
    closing(client);
    const stream = client.makeServerStreamRequest(
      speakMethod.path,
      speakMethod.requestSerialize,
      speakMethod.responseDeserialize,
      request,
    );
    return new Promise((resolve, reject) => {
      stream.on('data', resolve).on('error', reject);
    });
  }
  const proper = { region: 'us1', text: 'Hello', sampleRate: 8000 };

  it.each<[string, string, string, SpeakRequest]>([
    ['a main region, which is no peer', 'main', 'border.unknown-peer', proper],
    ['a peer that means a third region', 'ie1', 'media.no-service', { ...proper, region: 'de1' }],
    ['a peer that says nothing', 'ie1', 'link.bad-message', { ...proper, text: '' }],
    ['a peer that says too much', 'ie1', 'link.bad-message', { ...proper, text: 'x'.repeat(4097) }],
    ['a peer with a long voice', 'ie1', 'link.bad-message', { ...proper, voice: 'x'.repeat(513) }],
    ['a peer with a rate of its own', 'ie1', 'link.bad-message', { ...proper, sampleRate: 44_100 }],
  ])('is not %s', async (_who, certificate, code, request) => {
    const { us1 } = await pair(spelt);
    expect((await answers(us1, certificate, request)).refusal?.code).toBe(code);
  });

  it('is a peer, as often at a time as it may', async () => {
    const { us1 } = await pair(() => new Promise(() => {}));
    const all = Array.from({ length: 2 * speakLimits.atOnce + 1 }, () => answers(us1, 'ie1', proper));
    for (const one of all) one.catch(() => {});
    expect((await Promise.race(all)).refusal?.code).toBe('media.service-full');
  });

  it('is nobody whom another authority vouches for', async () => {
    const others = await makeCertificates();
    const { us1 } = await pair(spelt);
    const { ca, key, cert } = { ...others.ie1!, ca: certificates.ie1!.ca };
    const client = closing(
      createSpeakClient({
        address: addressOf(us1),
        authority: 'us1',
        credentials: credentials.createSsl(ca, key, cert),
      }),
    );
    await expect(client.speak('us1', { text: 'Hello' })).rejects.toMatchObject({
      code: 'media.service-away',
    });
  });
});
