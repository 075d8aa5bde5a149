import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { freePort } from '@tandem/actors/testing/free-port.ts';

type Bencoded = string | readonly Bencoded[] | { readonly [key: string]: Bencoded };

const bencode = (value: Bencoded): string => {
  if (typeof value === 'string') return `${Buffer.byteLength(value)}:${value}`;
  if (Array.isArray(value)) return `l${value.map(bencode).join('')}e`;
  const entries = Object.entries(value as Record<string, Bencoded>);
  return `d${entries.map(([key, one]) => bencode(key) + bencode(one)).join('')}e`;
};

const description = (port: number): string =>
  `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n`;

/** rtpengine without its kernel module, as long as a measurement needs it. */
export class Rtpengine {
  readonly #daemon: ChildProcess;
  readonly #control = createSocket('udp4');
  readonly #port: number;
  #requests = 0;

  static isHere(): boolean {
    return spawnSync('rtpengine', ['--version'], { stdio: 'ignore' }).error === undefined;
  }

  static async start(): Promise<Rtpengine> {
    const port = await freePort();
    const daemon = spawn(
      'rtpengine',
      [
        '--config-file=none',
        '--table=-1',
        '--foreground',
        '--log-stderr',
        '--log-level=3',
        '--interface=127.0.0.1',
        `--listen-ng=127.0.0.1:${port}`,
        '--port-min=14000',
        '--port-max=15999',
      ],
      { stdio: ['ignore', 'ignore', 'ignore'] },
    );
    const rtpengine = new Rtpengine(daemon, port);
    await rtpengine.#answers();
    return rtpengine;
  }

  private constructor(daemon: ChildProcess, port: number) {
    this.#daemon = daemon;
    this.#port = port;
  }

  get pid(): number {
    return this.#daemon.pid!;
  }

  /** @returns the ports that the two are to send to */
  async call(id: number, caller: number, callee: number): Promise<[number, number]> {
    const known = { 'call-id': `call-${id}`, 'from-tag': 'a', 'rtcp-mux': ['demux'], ICE: 'remove' };
    const offer = await this.#ask({ ...known, command: 'offer', sdp: description(caller) });
    const answer = await this.#ask({ ...known, command: 'answer', 'to-tag': 'b', sdp: description(callee) });
    return [portIn(answer), portIn(offer)];
  }

  async stop(): Promise<void> {
    this.#control.close();
    const ended = once(this.#daemon, 'exit');
    this.#daemon.kill();
    await ended;
  }

  async #answers(): Promise<void> {
    const ended = once(this.#daemon, 'exit').then(([status]) => {
      throw new Error(`rtpengine ended with status ${status}`);
    });
    for (let tries = 0; tries < 50; tries++) {
      const answer = this.#ask({ command: 'ping' });
      answer.catch(() => {});
      if (await Promise.race([answer.then(() => true), ended, pause(100)])) return;
    }
    throw new Error('rtpengine does not answer');
  }

  async #ask(command: Bencoded): Promise<string> {
    const cookie = String(++this.#requests);
    this.#control.send(`${cookie} ${bencode(command)}`, this.#port, '127.0.0.1');
    for (;;) {
      const [answer] = (await once(this.#control, 'message')) as [Buffer];
      const text = answer.toString();
      if (text.startsWith(`${cookie} `)) return text;
    }
  }
}

const pause = (milliseconds: number): Promise<false> =>
  new Promise((resolve) => setTimeout(() => resolve(false), milliseconds));

const portIn = (answer: string): number => {
  const port = /m=audio (\d+)/.exec(answer)?.[1];
  if (port === undefined) throw new Error(`rtpengine answered: ${answer}`);
  return Number(port);
};
