import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fromRecorded, TandemError } from '@tandem/actors/errors';
import type { LinkTls } from '@tandem/actors/peers';
import { makeCertificates } from '@tandem/actors/peers/testing/make-certificates.ts';
import { type CuttingProxy, startCuttingProxy } from '../../uplink/testing/cutting-proxy.ts';
import { recordingLog } from '../../uplink/testing/link-pair.ts';
import type { AllocateRequest, MediaEvents, MediaPlane, RemoteMedia } from '../plane/media-plane.ts';
import { noDrops } from '../rtp/media-stats.ts';
import { createMediaServer, type MediaServer, type MediaServerOptions } from './media-server.ts';
import { RemoteMediaPlane, type RemoteMediaPlaneOptions } from './remote-media-plane.ts';

/** A media plane that only notes what it is asked for. */
class NotedPlane {
  readonly done: string[] = [];
  readonly #listeners = new Map<string, Set<(...args: never[]) => void>>();
  /** What allocations wait for. */
  gate: Promise<void> = Promise.resolve();

  async allocate({ id, silenceLimit, port = 20_000 }: AllocateRequest) {
    this.done.push(`allocate ${id}`);
    await this.gate;
    if (silenceLimit === 666) throw new TandemError('media.no-ports', { first: 1, last: 2, address: '::1' });
    return { id, address: '192.0.2.1', port };
  }
  async connect(id: string, { codec, direction, dtmfPayloadType }: RemoteMedia) {
    this.done.push(`connect ${id} ${codec} ${direction} ${dtmfPayloadType}`);
  }
  async openPipe({ id, room }: { id: string; room?: string }) {
    this.done.push(`pipe ${id} ${room}`);
    return {
      address: '192.0.2.1',
      port: 18_000,
      srtp: { cryptoSuite: 'AEAD_AES_256_GCM', keyBase64: 'a2V5' },
    };
  }
  async connectPipe(id: string, { port, srtp }: { port: number; srtp: { keyBase64: string } }) {
    this.done.push(`connect pipe ${id} ${port} ${srtp.keyBase64}`);
  }
  async stats() {
    return {
      sentPackets: 1,
      sentOctets: 2,
      receivedPackets: 3,
      receivedOctets: 4,
      lost: -5,
      jitter: 0.5,
      mos: 4.4,
      dropped: { ...noDrops(), rate: 7 },
    };
  }
  async release(id: string) {
    this.done.push(`release ${id}`);
  }
  play(id: string, request: object) {
    this.done.push(`play ${id} ${JSON.stringify(request)}`);
  }
  stop(id: string, playId: string) {
    this.done.push(`stop ${id} ${playId}`);
  }
  sendDigits(id: string, digits: string) {
    this.done.push(`digits ${id} ${digits}`);
  }
  bridge(a: string, b: string, { hears }: { hears: boolean }) {
    this.done.push(`bridge ${a} ${b} ${hears}`);
  }
  unbridge(id: string) {
    this.done.push(`unbridge ${id}`);
  }
  setSilenceLimit(id: string, limit: number) {
    this.done.push(`limit ${id} ${limit}`);
  }
  on(event: string, listener: (...args: never[]) => void) {
    this.#listeners.set(event, (this.#listeners.get(event) ?? new Set()).add(listener));
    return this;
  }
  off(event: string, listener: (...args: never[]) => void) {
    this.#listeners.get(event)?.delete(listener);
    return this;
  }
  emit<E extends keyof MediaEvents>(event: E, ...args: MediaEvents[E]) {
    for (const listener of this.#listeners.get(event) ?? []) listener(...(args as unknown as never[]));
  }
  get listeners(): number {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }
}

let certificates: Record<string, LinkTls>;
let far: NotedPlane;
let server: MediaServer;
let proxy: CuttingProxy;
let open: RemoteMediaPlane[];
let replaced: unknown[];
let running: boolean;

const serve = (options: Partial<MediaServerOptions> = {}): Promise<MediaServer> =>
  createMediaServer({
    region: 'ie1',
    gateway: 'gw1',
    node: 'media-1',
    version: '0.1.0',
    tls: certificates.ie1!,
    address: { host: '127.0.0.1', port: 0 },
    plane: far as unknown as MediaPlane,
    pingInterval: 60_000,
    ...options,
  });

const signalling = async (options: Partial<RemoteMediaPlaneOptions> = {}): Promise<RemoteMediaPlane> => {
  const plane = await RemoteMediaPlane.open({
    region: 'ie1',
    gateway: 'gw1',
    node: 'signalling-1',
    version: '0.1.0',
    tls: certificates.ie1!,
    address: proxy.address,
    pingInterval: 60_000,
    backoff: { first: 2, most: 20, refused: 20 },
    onReplaced: (error) => replaced.push(error),
    ...options,
  });
  open.push(plane);
  return plane;
};

/** Waits for as long as the test runs. */
const until = async (condition: () => boolean): Promise<void> => {
  while (running && !condition()) await new Promise((resolve) => setImmediate(resolve));
};

beforeAll(async () => {
  certificates = await makeCertificates();
});
beforeEach(async () => {
  running = true;
  far = new NotedPlane();
  [open, replaced] = [[], []];
  server = await serve();
  proxy = await startCuttingProxy(() => server.port);
});
afterEach(async () => {
  running = false;
  for (const plane of open) await plane.close();
  await server.close();
  await proxy.close();
  expect(far.listeners).toBe(0);
});

describe('the media part of a gateway', () => {
  it('does what it is asked for, in that order', async () => {
    const plane = await signalling();
    expect(plane.pipes).toBe(true);
    expect(await plane.allocate({ id: 'a', silenceLimit: 0, port: 20_008 })).toEqual({
      id: 'a',
      address: '192.0.2.1',
      port: 20_008,
    });
    const pipe = await plane.openPipe({ id: 'PI1', codec: 'opus', room: 'CA1' });
    expect(pipe).toEqual({
      address: '192.0.2.1',
      port: 18_000,
      srtp: { cryptoSuite: 'AEAD_AES_256_GCM', keyBase64: 'a2V5' },
    });
    void plane.connectPipe('PI1', pipe);
    void plane.connect('a', {
      address: '192.0.2.9',
      port: 4000,
      rtcpPort: 4001,
      codec: 'G722',
      payloadType: 9,
      direction: 'recvonly',
      ptime: 20,
    });
    const items = [
      { speech: { text: 'Hello', voice: 'alice' } },
      { file: { url: 'https://a.example/a.wav' } },
      { tone: { name: 'beep' } },
      { silence: 0 },
    ];
    plane.play('a', { playId: 'p', items, loop: 0 });
    plane.stop('a', 'p');
    plane.sendDigits('a', '1w2');
    plane.bridge('a', 'PI1', { hears: false });
    plane.bridge('PI1', 'a');
    plane.unbridge('a');
    plane.setSilenceLimit('a', 500);
    expect(await plane.stats('a')).toEqual(await far.stats());
    await plane.release('a');
    expect(far.done).toEqual([
      'allocate a',
      'pipe PI1 CA1',
      'connect pipe PI1 18000 a2V5',
      'connect a G722 recvonly undefined',
      `play a ${JSON.stringify({ playId: 'p', loop: 0, items })}`,
      'stop a p',
      'digits a 1w2',
      'bridge a PI1 false',
      'bridge PI1 a true',
      'unbridge a',
      'limit a 500',
      'release a',
    ]);
  });

  it('says what went wrong as it would say it here, and what happens on sessions', async () => {
    const plane = await signalling();
    await expect(plane.allocate({ id: 'x', silenceLimit: 666 })).rejects.toMatchObject({
      code: 'media.no-ports',
      message: expect.stringContaining('from 1 to 2 on ::1'),
    });
    const heard: unknown[] = [];
    for (const name of ['digit', 'played', 'latched', 'stopped'] as const)
      plane.on(name, (...args: unknown[]) => heard.push([name, ...args]));
    await plane.allocate({ id: 'a', silenceLimit: 0 });
    const happened = [
      ['digit', 'a', { digit: '#', duration: 80, source: 'inband' }],
      ['played', 'a', { playId: 'p', outcome: 'failed', code: 'media.x', message: 'No' }],
      ['played', 'a', { playId: 'q', outcome: 'completed' }],
      ['latched', 'a', { address: '192.0.2.7', port: 9, codec: 'PCMU' }],
      ['stopped', 'a', 30_000],
    ] as const;
    for (const event of happened) far.emit(...(event as unknown as ['stopped', string, number]));
    // Of a session that nobody here has.
    far.emit('stopped', 'other', 1);
    await until(() => heard.length === happened.length);
    expect(heard).toEqual(happened);
  });

  it('loses nothing when the connection breaks, however often, and does nothing twice', async () => {
    const plane = await signalling();
    const heard: number[] = [];
    plane.on('stopped', (_id, silentFor) => heard.push(silentFor));
    await plane.allocate({ id: 'a', silenceLimit: 0 });
    for (let round = 0; round < 10; round++) {
      for (let count = 0; count < 5; count++) plane.sendDigits('a', String(round));
      far.emit('stopped', 'a', round);
      // Some of it gets through before the cut, some does not.
      if (round % 3 > 0) await until(() => far.done.length > 6 * round + 1);
      proxy.cut();
      far.emit('stopped', 'a', 100 + round);
      plane.unbridge('a');
    }
    await plane.release('a');
    expect(far.done).toEqual([
      'allocate a',
      ...Array.from({ length: 10 }, (_, round) => [
        ...Array.from({ length: 5 }, () => `digits a ${round}`),
        'unbridge a',
      ]).flat(),
      'release a',
    ]);
    await until(() => heard.length === 20);
    expect(heard).toEqual(Array.from({ length: 10 }, (_, round) => [round, 100 + round]).flat());
  });

  it('gives an answer again that was on its way when the connection broke', async () => {
    const plane = await signalling();
    const gate = Promise.withResolvers<void>();
    far.gate = gate.promise;
    const allocated = plane.allocate({ id: 'a', silenceLimit: 0 });
    await until(() => far.done.length === 1);
    proxy.blackHole(true);
    gate.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    proxy.cut();
    expect(await allocated).toMatchObject({ id: 'a' });
    expect(far.done).toEqual(['allocate a']);
  });

  it('keeps the sessions of a signalling part that is restarted, until it has them or has settled', async () => {
    const before = await signalling();
    for (const id of ['a', 'b', 'c']) await before.allocate({ id, silenceLimit: 0 });
    await before.close();
    expect(server.sessions).toBe(3);
    const after = await signalling({ node: 'signalling-2' });
    const heard: string[] = [];
    after.on('stopped', (id) => heard.push(id));
    await after.allocate({ id: 'b', silenceLimit: 0 });
    far.emit('stopped', 'a', 1);
    far.emit('stopped', 'b', 1);
    after.settle();
    await after.stats('b');
    expect(far.done.slice(3)).toEqual(['release b', 'allocate b', 'release a', 'release c']);
    expect(server.sessions).toBe(1);
    await until(() => heard.length > 0);
    expect(heard).toEqual(['b']);
  });

  it('releases the sessions of a signalling part that stays away', async () => {
    await server.close();
    server = await serve({ grace: 20 });
    const plane = await signalling();
    await plane.allocate({ id: 'a', silenceLimit: 0 });
    await plane.close();
    await until(() => far.done.includes('release a'));
    expect(server.sessions).toBe(0);
  });

  it('is said to be another one when it is, and then nothing is asked of it', async () => {
    const plane = await signalling();
    await plane.allocate({ id: 'a', silenceLimit: 0 });
    await server.close();
    far = new NotedPlane();
    server = await serve({ node: 'media-2' });
    proxy.cut();
    plane.sendDigits('a', '1');
    await until(() => replaced.length > 0);
    expect(replaced).toMatchObject([{ code: 'media.part-replaced' }]);
    expect(far.done).toEqual([]);
  });

  it('takes nobody else’s place, but that of an older stream', async () => {
    const log = recordingLog();
    await server.close();
    server = await serve({ log });
    const foreign = { tls: certificates.us1!, region: 'us1' };
    const refusal = { code: 'media.part-refused', message: expect.stringContaining('link.identity') };
    await expect(signalling({ ...foreign, region: 'ie1' })).rejects.toMatchObject(refusal);
    await expect(signalling({ gateway: 'gw2' })).rejects.toMatchObject(refusal);
    const one = await signalling();
    await signalling({ node: 'signalling-2', backoff: { first: 60_000, most: 60_000, refused: 60_000 } });
    expect(await log.says('link.replaced')).toContain('signalling-2');
    await one.close();
  });

  it('is waited for, and said to be away when it does not come', async () => {
    await server.close();
    await expect(signalling({ patience: 50 })).rejects.toMatchObject({
      code: 'media.part-away',
      message: expect.stringContaining(proxy.address),
    });
    server = await serve();
    const plane = await signalling();
    const gate = Promise.withResolvers<void>();
    far.gate = gate.promise;
    const impatient = await signalling({ node: 'signalling-2', patience: 50 });
    await expect(impatient.allocate({ id: 'late', silenceLimit: 0 })).rejects.toMatchObject({
      code: 'media.part-away',
    });
    gate.resolve();
    // What came too late for whoever asked is given back.
    await until(() => far.done.includes('release late'));
    await plane.close();
  });
});

it('an error of another process keeps its code and words, and one that is not known here says so', () => {
  const known = fromRecorded({ code: 'media.closed', message: 'As it was said.' });
  expect(known).toMatchObject({ code: 'media.closed', message: 'As it was said.' });
  expect(known).toBeInstanceOf(TandemError);
  expect(fromRecorded({ code: 'x.new', message: 'What?' })).toMatchObject({
    code: 'runtime.unexpected',
    message: expect.stringContaining('What? [x.new]'),
  });
});
