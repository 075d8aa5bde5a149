import { EventEmitter } from 'node:events';
import { asRecorded } from '@tandem/actors/errors';
import type { CodecName } from '../audio/codecs/index.ts';
import type {
  AllocateRequest,
  Allocation,
  BridgeOptions,
  MediaEvents,
  MediaPlane,
  MediaStats,
  PipeEnd,
  PipeRequest,
  PlayRequest,
  RemoteMedia,
} from '../media/index.ts';
import type { ServiceTable } from './service-table.ts';

const speaks = ({ items }: PlayRequest): boolean => items.some((item) => 'speech' in item);

/**
 * A media plane that does of what its services are for only what they have room for: speech, and the transcoding of
 * a bridge. What it refuses to play has failed at once, with a code that says that another gateway may do it.
 */
export class ServingMediaPlane implements MediaPlane {
  readonly #media: MediaPlane;
  readonly #services: ServiceTable;
  readonly #events = new EventEmitter<MediaEvents>();
  readonly #codecs = new Map<string, CodecName>();
  readonly #bridged = new Map<string, string>();
  /** The play of a session that speaks. */
  readonly #speaking = new Map<string, string>();

  constructor(media: MediaPlane, services: ServiceTable) {
    this.#media = media;
    this.#services = services;
    media.on('digit', (...what) => this.#events.emit('digit', ...what));
    media.on('latched', (...what) => this.#events.emit('latched', ...what));
    media.on('contested', (...what) => this.#events.emit('contested', ...what));
    media.on('stopped', (...what) => this.#events.emit('stopped', ...what));
    media.on('played', (id, outcome) => {
      if (this.#speaking.get(id) === outcome.playId) this.#endSpeech(id);
      this.#events.emit('played', id, outcome);
    });
  }

  allocate(request: AllocateRequest): Promise<Allocation> {
    return this.#media.allocate(request);
  }

  async connect(id: string, remote: RemoteMedia): Promise<void> {
    await this.#media.connect(id, remote);
    this.#codecs.set(id, remote.codec);
  }

  async openPipe(request: PipeRequest): Promise<PipeEnd> {
    const end = await this.#media.openPipe(request);
    this.#codecs.set(request.id, request.codec);
    return end;
  }

  connectPipe(id: string, remote: PipeEnd): Promise<void> {
    return this.#media.connectPipe(id, remote);
  }

  play(id: string, request: PlayRequest): void {
    try {
      if (speaks(request)) {
        this.#services.begin('speech', id);
        this.#speaking.set(id, request.playId);
      } else this.#endSpeech(id);
    } catch (error) {
      const { playId } = request;
      queueMicrotask(() =>
        this.#events.emit('played', id, { playId, outcome: 'failed', ...asRecorded(error) }),
      );
      return;
    }
    this.#media.play(id, request);
  }

  #endSpeech(id: string): void {
    this.#speaking.delete(id);
    this.#services.end('speech', id);
  }

  stop(id: string, playId: string): void {
    this.#media.stop(id, playId);
  }

  sendDigits(id: string, digits: string): void {
    this.#media.sendDigits(id, digits);
  }

  /** @throws media.no-service, media.service-full where the two speak different codecs */
  bridge(a: string, b: string, options?: BridgeOptions): void {
    const [one, other] = [this.#codecs.get(a), this.#codecs.get(b)];
    const transcoded = one !== undefined && other !== undefined && one !== other;
    if (transcoded) this.#services.begin('transcoding', [a, b].sort().join(' '));
    if (this.#bridged.get(a) !== b) this.#part(a, b);
    this.#bridged.set(a, b).set(b, a);
    this.#media.bridge(a, b, options);
  }

  unbridge(id: string): void {
    this.#part(id);
    this.#media.unbridge(id);
  }

  /** Ends the transcoding of bridges that are no more. */
  #part(...ids: readonly string[]): void {
    for (const id of ids) {
      const peer = this.#bridged.get(id);
      if (peer === undefined || ids.includes(peer)) continue;
      this.#services.end('transcoding', [id, peer].sort().join(' '));
      this.#bridged.delete(id);
      this.#bridged.delete(peer);
    }
  }

  setSilenceLimit(id: string, limit: number): void {
    this.#media.setSilenceLimit(id, limit);
  }

  stats(id: string): Promise<MediaStats> {
    return this.#media.stats(id);
  }

  async release(id: string): Promise<void> {
    this.#part(id);
    this.#endSpeech(id);
    this.#codecs.delete(id);
    await this.#media.release(id);
  }

  on<E extends keyof MediaEvents>(event: E, listener: (...args: MediaEvents[E]) => void): this {
    this.#events.on(event, listener as never);
    return this;
  }

  off<E extends keyof MediaEvents>(event: E, listener: (...args: MediaEvents[E]) => void): this {
    this.#events.off(event, listener as never);
    return this;
  }

  close(): Promise<void> {
    return this.#media.close();
  }
}
