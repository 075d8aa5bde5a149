import { type MethodDefinition, Server, type ServerDuplexStream } from '@grpc/grpc-js';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { TandemError } from '@tandem/actors/errors';
import {
  connectMethod,
  type FromMain,
  type FromRegion,
  type LinkListener,
  listenForRegions,
} from '@tandem/actors/link';
import type { LinkTls } from '@tandem/actors/peers';
import { makeCertificates } from '@tandem/actors/peers/testing/make-certificates.ts';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import type { TakeCommand } from './command-inbox.ts';
import { appendTo, recordingLog, startClient } from './testing/link-pair.ts';

let certificates: Record<string, LinkTls>;
beforeAll(async () => {
  certificates = await makeCertificates();
});

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

type Said = FromMain | Buffer;
type MainStream = ServerDuplexStream<FromRegion, Said>;

/** A main region that says and does what it is told to, right or wrong, after hello. */
async function startMain(...said: (Said | ((stream: MainStream) => void))[]): Promise<LinkListener> {
  const server = new Server();
  const connect: MethodDefinition<FromRegion, FromMain | Buffer> = {
    ...connectMethod,
    responseSerialize: (message) =>
      Buffer.isBuffer(message) ? message : connectMethod.responseSerialize(message),
    responseDeserialize: (bytes) => bytes,
  };
  server.addService(
    { connect },
    {
      connect(stream: ServerDuplexStream<FromRegion, FromMain | Buffer>) {
        stream.on('error', () => {});
        stream.once('data', () => {
          stream.pause();
          for (const one of said)
            if (typeof one === 'function') one(stream);
            else stream.write(one);
        });
      },
    },
  );
  const listener = await listenForRegions(server, { host: '127.0.0.1', port: 0 }, certificates.main!);
  opened.push(listener);
  return listener;
}

async function startRegion(main: LinkListener, onCommand?: TakeCommand) {
  const journal = openSqliteEventStore({ file: ':memory:' });
  await appendTo(journal, 3);
  const log = recordingLog();
  const client = await startClient(certificates, `127.0.0.1:${main.port}`, {
    journal,
    log,
    pingInterval: 60_000,
    ...(onCommand && { onCommand }),
  });
  opened.push(journal, client);
  return { client, log };
}

const welcome = { welcome: { main: 'main', router: 'r1', node: 'main-1', version: '0.1.0' } };
const command = { id: 'a', stream: 'leg-1', type: 'TimerRang', data: Buffer.from('{}') };

describe('a region on the link', () => {
  it.each<[string, string, (FromMain | Buffer)[]]>([
    ['says something before welcome', 'link.bad-message', [{ ack: { messages: 1 } }]],
    ['sends a command before welcome', 'link.bad-message', [{ command }]],
    ['welcomes twice', 'link.bad-message', [welcome, welcome]],
    ['sends what is no protobuf message', 'link.bad-message', [Buffer.from([0xff, 0xff])]],
    ['sends an empty message', 'link.bad-message', [welcome, Buffer.alloc(0)]],
    ['calls itself something else', 'link.identity', [{ welcome: { ...welcome.welcome, main: 'other' } }]],
    ['is another router', 'link.other-router', [{ welcome: { ...welcome.welcome, router: 'r2' } }]],
    [
      'needs what we cannot do',
      'link.unsupported',
      [{ welcome: { ...welcome.welcome, required: ['telepathy'] } }],
    ],
    ['refuses', 'link.protocol', [{ refusal: { code: 'link.protocol', message: 'no' } }]],
  ])('ends the link to a main region that %s, with %s', async (_what, code, messages) => {
    const { client, log } = await startRegion(await startMain(...messages));
    await log.says(code);
    expect(client.awayFor()).toBeGreaterThan(0);
  });

  it.each([4, -1, 0.5])('ends the link when %d messages are acknowledged', async (messages) => {
    const { log } = await startRegion(await startMain(welcome, { ack: { messages } }));
    expect(await log.says('link.bad-message')).toMatch(/acknowledge/);
  });

  it('takes no more commands from a main region that reads no answers, until it does', async () => {
    const ids = Array.from({ length: 20_000 }, (_, id) => String(id));
    let floods!: MainStream;
    const main = await startMain(welcome, (stream) => {
      floods = stream;
      for (const id of ids) stream.write({ command: { ...command, id } });
    });
    let taken = 0;
    // gRPC holds a megabyte of answers before it says that it has enough; these are of some 200 bytes.
    const { log } = await startRegion(main, async () => {
      taken += 1;
      throw new TandemError('link.not-owner', { router: 'r'.repeat(100), call: 'c'.repeat(50) });
    });
    // Nothing more is taken in so many turns of both event loops, which are one.
    for (let before = -1, turns = 0; turns < 300; before = taken)
      turns = await new Promise<number>((next) =>
        setImmediate(() => next(taken === before && taken > 0 ? turns + 1 : 0)),
      );
    expect(taken).toBeLessThan(ids.length);
    const answered = new Set<string>();
    const all = new Promise<void>((resolve) => {
      floods.on('data', ({ result }: FromRegion) => {
        if (result) answered.add(result.id!);
        if (answered.size === ids.length) resolve();
      });
    });
    floods.resume();
    await all;
    expect(log.lines.filter(({ code }) => code !== undefined)).toEqual([]);
  });
});
