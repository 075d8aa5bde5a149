import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';

const HEADER = 12;
/** Record types of questions (RFC 1035, section 3.2.2). */
const A = 1;
/** An answer, authoritative (section 4.1.1). */
const ANSWER = 0x8400;
/** A pointer to the name of the question (section 4.1.4), type A, class IN, 60 s, four bytes: 127.0.0.1. */
const LOOPBACK = Buffer.from([0xc0, HEADER, 0, A, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);

/** A name server that knows names of this machine, and is silent about names of a domain. */
export class NameServer {
  /** Names that it was asked about and was silent. */
  readonly silentAbout = new Set<string>();
  readonly #socket: Socket;
  readonly #silent: string;
  readonly #watchers = new Set<() => void>();

  private constructor(socket: Socket, silent: string) {
    this.#socket = socket;
    this.#silent = silent;
    socket.on('message', (question, from) => this.#hear(question, from));
  }

  /** @param silent the end of names about which nothing is said */
  static async open(silent: string): Promise<NameServer> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new NameServer(socket, silent);
  }

  /** `127.0.0.1:port` */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  /** Resolves when it has been silent about so many names. */
  async silentAboutMany(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => {
      if (this.silentAbout.size >= count) resolve();
    };
    this.#watchers.add(look);
    look();
    await promise;
    this.#watchers.delete(look);
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #hear(question: Buffer, from: RemoteInfo): void {
    const labels: string[] = [];
    let at = HEADER;
    for (let length = question[at]!; length > 0; length = question[at]!) {
      labels.push(question.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const name = labels.join('.').toLowerCase();
    if (name.endsWith(this.#silent)) {
      this.silentAbout.add(name);
      for (const look of this.#watchers) look();
      return;
    }
    // The question again, and its answer; there are no addresses but IPv4.
    const isA = question.readUInt16BE(at + 1) === A;
    const answer = Buffer.concat([question.subarray(0, at + 5), ...(isA ? [LOOPBACK] : [])]);
    answer.writeUInt16BE(ANSWER | (question.readUInt16BE(2) & 0x0100), 2);
    for (const [field, count] of [1, isA ? 1 : 0, 0, 0].entries()) answer.writeUInt16BE(count, 4 + 2 * field);
    this.#socket.send(answer, from.port, from.address);
  }
}
