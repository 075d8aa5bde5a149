import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { nearest } from './statistics.ts';

/** Milliseconds between two packets of a telephone. */
const PACKET_TIME = 20;
const HEADER = 12;
const PAYLOAD = 160;

interface Phone {
  readonly socket: Socket;
  readonly port: number;
  readonly packet: Buffer;
  target: number;
}

/** What came between two looks: packets, and how long each was on its way, in milliseconds. */
export interface Heard {
  readonly sent: number;
  readonly received: number;
  readonly p50: number;
  readonly p99: number;
}

/**
 * Telephones that talk in pairs: G.711 packets every 20 ms, all at different moments, each with the time at which it
 * was sent in its payload.
 */
export class RtpLoad {
  readonly #phones: readonly Phone[];
  #timer: NodeJS.Timeout | undefined;
  #delays: number[] = [];
  #sent = 0;

  static async open(pairs: number): Promise<RtpLoad> {
    const phones: Phone[] = [];
    for (let i = 0; i < 2 * pairs; i++) {
      const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 18 });
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
      const packet = Buffer.alloc(HEADER + PAYLOAD, 0xff);
      packet.set([0x80, 0], 0);
      packet.writeUInt16BE(i * 7, 2);
      packet.writeUInt32BE(i * 1000, 4);
      packet.writeUInt32BE(i + 1, 8);
      phones.push({ socket, port: socket.address().port, packet, target: 0 });
    }
    return new RtpLoad(phones);
  }

  private constructor(phones: readonly Phone[]) {
    this.#phones = phones;
    for (const { socket } of phones) socket.on('message', (packet) => this.#receive(packet));
  }

  get ports(): number[] {
    return this.#phones.map(({ port }) => port);
  }

  /** Each telephone talks to a port from now on. */
  talkTo(ports: readonly number[]): void {
    for (const [i, phone] of this.#phones.entries()) phone.target = ports[i]!;
    this.#timer ??= this.#start();
  }

  quiet(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** What was heard since the last look. */
  look(): Heard {
    const [delays, sent] = [this.#delays, this.#sent];
    [this.#delays, this.#sent] = [[], 0];
    return { sent, received: delays.length, p50: nearest(delays, 0.5), p99: nearest(delays, 0.99) };
  }

  close(): void {
    this.quiet();
    for (const { socket } of this.#phones) socket.close();
  }

  #start(): NodeJS.Timeout {
    let due = 0;
    const began = performance.now();
    return setInterval(() => {
      const all = this.#phones.length;
      const wanted = Math.floor(((performance.now() - began) / PACKET_TIME) * all);
      for (; due < wanted; due++) this.#send(this.#phones[due % all]!);
    }, 1);
  }

  #send({ socket, packet, target }: Phone): void {
    packet.writeUInt16BE((packet.readUInt16BE(2) + 1) & 0xffff, 2);
    packet.writeUInt32BE((packet.readUInt32BE(4) + PAYLOAD) >>> 0, 4);
    packet.writeDoubleBE(performance.now(), HEADER);
    this.#sent += 1;
    socket.send(packet, target, '127.0.0.1');
  }

  #receive(packet: Buffer): void {
    // RTCP comes on the same port where that was agreed; its types are 192 and above.
    if (packet[1]! >= 192 || packet.length < HEADER + PAYLOAD) return;
    this.#delays.push(performance.now() - packet.readDoubleBE(packet.length - PAYLOAD));
  }
}
