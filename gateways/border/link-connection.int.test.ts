import { type MethodDefinition, Server, type ServerDuplexStream } from '@grpc/grpc-js';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type LinkListener, listenForRegions } from '@tandem/actors/link/link-listener.ts';
import { connectMethod, type FromMain, type FromRegion } from '@tandem/actors/link/service.ts';
import { makeCertificates } from '@tandem/actors/link/testing/make-certificates.ts';
import type { LinkTls } from '@tandem/actors/link/tls.ts';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite-event-store.ts';
import { appendTo, recordingLog, startClient } from './testing/link-pair.ts';

let certificates: Record<string, LinkTls>;
beforeAll(async () => {
  certificates = await makeCertificates();
});

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

/** A main region that says what it is told to, right or wrong, after hello. */
async function startMain(...messages: (FromMain | Buffer)[]): Promise<LinkListener> {
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
          for (const message of messages) stream.write(message);
        });
      },
    },
  );
  const listener = await listenForRegions(server, { host: '127.0.0.1', port: 0 }, certificates.main!);
  opened.push(listener);
  return listener;
}

async function startRegion(main: LinkListener) {
  const journal = openSqliteEventStore({ file: ':memory:' });
  await appendTo(journal, 3);
  const log = recordingLog();
  const client = await startClient(certificates, `127.0.0.1:${main.port}`, {
    journal,
    log,
    pingInterval: 60_000,
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
    expect(client.connected).toBe(false);
  });

  it.each([4, -1, 0.5])('ends the link when %d messages are acknowledged', async (messages) => {
    const { log } = await startRegion(await startMain(welcome, { ack: { messages } }));
    expect(await log.says('link.bad-message')).toMatch(/acknowledge/);
  });

  it('survives a main region that floods it with commands and reads no answers', async () => {
    // gRPC holds a megabyte of answers before it says that it has enough; these are of some 200 bytes.
    const broken = { ...command, data: Buffer.from('{') };
    const flood = Array.from({ length: 20_000 }, (_, id) => ({ command: { ...broken, id: String(id) } }));
    const { log } = await startRegion(await startMain(welcome, ...flood));
    expect(await log.says('link.bad-message')).toContain('whose results it does not read');
  });
});
