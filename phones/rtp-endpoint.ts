import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { CODECS } from '@tandem/gateways/audio/codecs';
import { dBm0, loadLiveResampler, meanSquare } from '@tandem/gateways/audio/signal';
import type { RemoteMedia } from '@tandem/gateways/media';
import {
  DIGITS,
  DtmfSender,
  EVENT_SIZE,
  emptyRtpHeader,
  eventClock,
  Pacer,
  parseEvent,
  parseRtp,
  RTP_HEADER_SIZE,
  writeEvent,
  writeRtpHeader,
} from '@tandem/gateways/media';
import { SampleTimes } from './sample-times.ts';
import { SpokenCodec } from './spoken-codec.ts';

/** Samples of a packet: 20 ms at 8 kHz. */
const FRAME = 160;
const FRAME_MS = 20;
/** Level below which a packet is silence, in dBm0. */
const SILENCE = -45;
/** What is remembered of what was heard: five minutes. */
const LONGEST_MEMORY = 5 * 60 * 8000;

/**
 * The audio half of a telephone: it speaks samples and keys, and remembers what it hears. For the demo, for tests
 * and for people at a prompt; a gateway's media runs in workers.
 */
export class RtpEndpoint {
  readonly address: string;
  readonly port: number;
  readonly #socket: Socket;
  readonly #header = emptyRtpHeader();
  readonly #dtmf = new DtmfSender();
  readonly #listeners = new Set<() => void>();
  readonly #ssrc = Math.floor(Math.random() * 2 ** 32);
  #remote: RemoteMedia | undefined;
  #codec: SpokenCodec | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #queue: Int16Array[] = [];
  /** Samples that were spoken, with silence and without keys. */
  #spoken = 0;
  readonly #spokenTimes = new SampleTimes();
  readonly #heardTimes = new SampleTimes();
  #heard = new Int16Array(8000);
  #length = 0;
  #keys = '';
  #lastKey = -1;
  #sequence = 1;
  #timestamp = 0;
  #keyStarted = 0;
  #packets = 0;
  #lastSound = performance.now();

  private constructor(socket: Socket, address: string) {
    this.#socket = socket;
    this.address = address;
    this.port = socket.address().port;
    socket.on('message', (packet, from) => this.#hear(packet, from));
  }

  /** Opens a port; `port` 0 takes a free one. */
  static async open(address: string, port = 0): Promise<RtpEndpoint> {
    await loadLiveResampler();
    const socket = createSocket('udp4');
    socket.bind(port, address);
    await once(socket, 'listening');
    return new RtpEndpoint(socket, address);
  }

  /**
   * Starts to send where the other side said, silence at first. With port 0 it waits for a packet and sends to
   * where that came from.
   */
  connect(remote: RemoteMedia): void {
    this.#remote = remote;
    if (this.#codec?.codec !== remote.codec) {
      this.#codec?.close();
      this.#codec = new SpokenCodec(remote.codec);
    }
    if (this.#ticker || remote.port === 0) return;
    const pacer = new Pacer(20, performance.now());
    this.#ticker = setInterval(() => {
      for (let { packets } = pacer.due(performance.now()); packets > 0; packets--) this.#speak();
    }, 5);
  }

  /**
   * Says something after what is being said; mono at 8 kHz.
   *
   * @returns the position of its first sample in all that is spoken, for `spokenAt`
   */
  say(samples: Int16Array): number {
    const position = this.#queue.reduce((sum, { length }) => sum + length, this.#spoken);
    this.#queue.push(samples);
    return position;
  }

  /**
   * When a sample was spoken, in milliseconds of `performance.now()`: 20 ms before its packet was sent, plus its
   * place in it, as a telephone gathers a packet before it sends it. Nothing while it is not.
   */
  spokenAt(position: number): number | undefined {
    return this.#spokenTimes.at(position);
  }

  /** When a sample of `heard` could be heard at the earliest: as its packet came, plus its place in it. */
  heardAt(index: number): number | undefined {
    return this.#heardTimes.at(index);
  }

  /** Presses keys (RFC 4733), one after the other. */
  press(keys: string): void {
    this.#dtmf.enqueue(keys);
  }

  /** What was heard since the start, or since `forget`; mono at 8 kHz. */
  get heard(): Int16Array {
    return this.#heard.subarray(0, this.#length);
  }

  /** Keys that the other side pressed. */
  get keys(): string {
    return this.#keys;
  }

  /** Packets that came. */
  get packets(): number {
    return this.#packets;
  }

  /** Milliseconds since something louder than silence was heard. */
  get silentFor(): number {
    return performance.now() - this.#lastSound;
  }

  /** Begins to remember anew. */
  forget(): void {
    this.#length = 0;
    this.#heardTimes.clear();
    this.#keys = '';
  }

  /** Resolves as soon as what was heard fulfils a condition; looks after each packet, in and out. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        this.#listeners.delete(look);
        resolve();
      };
      this.#listeners.add(look);
      look();
    });
  }

  /** Stops sending; what comes is still heard. */
  mute(): void {
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  /** Sends again what is still to be said. */
  unmute(): void {
    if (this.#remote !== undefined) this.connect(this.#remote);
  }

  async close(): Promise<void> {
    this.mute();
    this.#listeners.clear();
    this.#codec?.close();
    this.#codec = undefined;
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #speak(): void {
    const remote = this.#remote!;
    const { clockRate } = CODECS[remote.codec];
    const step = this.#dtmf.next(FRAME_MS, eventClock(remote));
    if (step !== undefined && step !== 'gap' && remote.dtmfPayloadType !== undefined) {
      if (step.first) this.#keyStarted = this.#timestamp;
      const packet = this.#packet(EVENT_SIZE, remote.dtmfPayloadType, this.#keyStarted, step.first);
      writeEvent(packet, RTP_HEADER_SIZE, step.event);
      this.#send(packet);
    } else {
      const payload = this.#codec!.encode(this.#nextFrame());
      const packet = this.#packet(payload.length, remote.payloadType, this.#timestamp, false);
      packet.set(payload, RTP_HEADER_SIZE);
      this.#spokenTimes.add(this.#spoken, FRAME, performance.now() - FRAME_MS);
      this.#spoken += FRAME;
      this.#send(packet);
    }
    this.#timestamp = (this.#timestamp + (FRAME_MS * clockRate) / 1000) >>> 0;
    this.#look();
  }

  #nextFrame(): Int16Array {
    const frame = new Int16Array(FRAME);
    let at = 0;
    while (at < FRAME && this.#queue.length > 0) {
      const samples = this.#queue[0]!;
      const part = samples.subarray(0, FRAME - at);
      frame.set(part, at);
      at += part.length;
      if (part.length === samples.length) this.#queue.shift();
      else this.#queue[0] = samples.subarray(part.length);
    }
    return frame;
  }

  #packet(size: number, payloadType: number, timestamp: number, marker: boolean): Buffer {
    const packet = Buffer.alloc(RTP_HEADER_SIZE + size);
    const stamp = { marker, payloadType, sequence: this.#sequence, timestamp, ssrc: this.#ssrc };
    writeRtpHeader(packet, 0, stamp);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    return packet;
  }

  #send(packet: Buffer): void {
    this.#socket.send(packet, this.#remote!.port, this.#remote!.address);
  }

  #hear(packet: Buffer, from: RemoteInfo): void {
    const header = this.#header;
    if (!this.#remote || !parseRtp(packet, header)) return;
    if (this.#remote.port === 0) this.connect({ ...this.#remote, address: from.address, port: from.port });
    this.#packets++;
    if (header.payloadType === this.#remote.dtmfPayloadType) this.#hearKey(packet);
    else if (header.payloadType === this.#remote.payloadType) {
      const payload = packet.subarray(header.payloadStart, header.payloadEnd);
      this.#remember(this.#codec!.decode(payload));
    }
    this.#look();
  }

  #look(): void {
    for (const look of [...this.#listeners]) look();
  }

  #hearKey(packet: Buffer): void {
    const event = parseEvent(packet, this.#header.payloadStart, this.#header.payloadEnd);
    if (!event?.end || this.#header.timestamp === this.#lastKey) return;
    this.#lastKey = this.#header.timestamp;
    this.#keys += DIGITS[event.event] ?? '';
  }

  #remember(samples: Int16Array): void {
    if (dBm0(meanSquare(samples)) > SILENCE) this.#lastSound = performance.now();
    const length = this.#length + samples.length;
    if (length > LONGEST_MEMORY) return;
    if (length > this.#heard.length) {
      const longer = new Int16Array(Math.max(length, this.#heard.length * 2));
      longer.set(this.heard);
      this.#heard = longer;
    }
    this.#heard.set(samples, this.#length);
    this.#heardTimes.add(this.#length, samples.length, performance.now());
    this.#length = length;
  }
}
