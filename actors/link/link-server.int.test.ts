import { randomUUID } from 'node:crypto';
import { Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ErrorCode, registry } from '../errors/registry.ts';
import { limits } from '../peers/limits.ts';
import { makeCertificates } from '../peers/testing/make-certificates.ts';
import type { LinkTls } from '../peers/tls.ts';
import { createLinkServer, type LinkServer } from './link-server.ts';
import {
  channelOptions,
  connectMethod,
  type FromMain,
  type FromRegion,
  type JournalEvent,
} from './service.ts';

/** A region that says what it is told to, right or wrong. */
interface RawRegion {
  send(message: FromRegion | Buffer): void;
  /** The next message of a kind; rejects when the stream ends before one. */
  next<K extends keyof FromMain>(kind: K): Promise<NonNullable<FromMain[K]>>;
  close(): void;
}

let certificates: Record<string, LinkTls>;
let server: LinkServer;
let received: string[];
let adopted: object[];
let asked: object[];
let storing: Promise<void>;
const regions: RawRegion[] = [];

beforeAll(async () => {
  certificates = await makeCertificates();
});
beforeEach(async () => {
  received = [];
  adopted = [];
  asked = [];
  storing = Promise.resolve();
  server = await createLinkServer({
    address: { host: '127.0.0.1', port: 0 },
    main: 'main',
    router: 'r1',
    node: 'main-1',
    version: '0.1.0',
    tls: certificates.main!,
    regions: ['ie1'],
    pingInterval: 60_000,
    async onEvents(_region, events) {
      await storing;
      received.push(...events.map(({ position }) => position));
    },
    async onAdopt(_from, calls) {
      adopted.push(...calls);
      for (const { callSid } of calls)
        server.owner({ region: 'ie1', gateway: 'gw1' }, { callSid, router: 'main/r1', takeovers: 1 });
    },
    async onHeld(from, legs) {
      asked.push({ from, legs });
      return legs.map(({ legId }) => legId).filter((legId) => legId.endsWith('taken'));
    },
  });
});
afterEach(async () => {
  for (const region of regions.splice(0)) region.close();
  await server.close();
});

function connect(to: LinkServer = server, name = 'ie1'): RawRegion {
  const tls = certificates[name]!;
  const client = new Client(`127.0.0.1:${to.port}`, credentials.createSsl(tls.ca, tls.key, tls.cert), {
    ...channelOptions,
    'grpc.ssl_target_name_override': 'main',
  });
  const stream: ClientDuplexStream<FromRegion | Buffer, FromMain> = client.makeBidiStreamRequest(
    connectMethod.path,
    (message) => (Buffer.isBuffer(message) ? message : connectMethod.requestSerialize(message)),
    connectMethod.responseDeserialize,
  );
  const arrived: FromMain[] = [];
  let over = false;
  let wake = (): void => {};
  stream.on('data', (message: FromMain) => {
    arrived.push(message);
    wake();
  });
  const ended = (): void => {
    over = true;
    wake();
  };
  stream.on('error', ended).on('end', ended);
  const region: RawRegion = {
    send: (message) => void stream.write(message),
    async next(kind) {
      for (;;) {
        const index = arrived.findIndex((message) => message[kind]);
        if (index >= 0) return arrived.splice(0, index + 1).at(-1)![kind]!;
        if (over) throw new Error(`the stream ended without ${kind}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    close() {
      stream.cancel();
      client.close();
    },
  };
  regions.push(region);
  return region;
}

const hello = { region: 'ie1', gateway: 'gw1', node: 'ie1-1', version: '0.1.0', protocol: 1 };

const event = (position: number, changes: Partial<JournalEvent> = {}): JournalEvent => ({
  position: String(position),
  id: randomUUID(),
  stream: 'leg-1',
  revision: 0,
  type: 'TimerRang',
  version: 1,
  time: 1,
  region: 'ie1',
  cause: '',
  correlation: '',
  data: Buffer.from('{"timer":"ring"}'),
  ...changes,
});

async function welcomed(gateway = 'gw1'): Promise<RawRegion> {
  const region = connect();
  region.send({ hello: { ...hello, gateway } });
  await region.next('welcome');
  return region;
}

describe('the main region on the link', () => {
  it('welcomes a gateway by its name and its router’s, and counts what is dealt with', async () => {
    const region = connect();
    region.send({ hello });
    expect(await region.next('welcome')).toMatchObject({ main: 'main', router: 'r1', node: 'main-1' });
    region.send({ journal: { events: [event(11), event(13)] } });
    region.send({ journal: { events: [event(14)] } });
    for (let messages = 0; messages !== 2; ) messages = (await region.next('ack')).messages!;
    expect(received).toEqual(['11', '13', '14']);
    // What comes again is for the store to recognise.
    region.send({ journal: { events: [event(11)] } });
    expect((await region.next('ack')).messages).toBe(3);
    expect(received).toEqual(['11', '13', '14', '11']);
  });

  it('is given calls, and says who has them', async () => {
    const region = await welcomed();
    const call = { callSid: 'CA1', from: 'main/r2' };
    region.send({ adopt: { calls: [call] } });
    expect(await region.next('owner')).toMatchObject({ callSid: 'CA1', router: 'main/r1', takeovers: 1 });
    expect(adopted).toEqual([call]);
  });

  it('is asked whose legs are, and says so unasked, too', async () => {
    const region = await welcomed();
    const legs = ['LE1', 'LE2 taken'].map((legId) => ({ callSid: 'CA1', legId }));
    region.send({ held: { legs } });
    expect(await region.next('taken')).toMatchObject({ legIds: ['LE2 taken'], kept: ['LE1'] });
    expect(asked).toEqual([{ from: expect.objectContaining({ region: 'ie1', gateway: 'gw1' }), legs }]);
    server.taken({ region: 'ie1', gateway: 'gw1' }, ['LE3']);
    expect(await region.next('taken')).toMatchObject({ legIds: ['LE3'], kept: [] });
    server.taken({ region: 'ie1', gateway: 'gw2' }, ['LE4']);
  });

  it('acknowledges nothing before it is durable', async () => {
    const stored = Promise.withResolvers<void>();
    storing = stored.promise;
    const region = await welcomed();
    region.send({ journal: { events: [event(11)] } });
    const answer = server.command(
      { region: 'ie1', gateway: 'gw1' },
      {
        id: randomUUID(),
        stream: 'leg-1',
        type: 'TimerRang',
        data: {},
        cause: '',
        correlation: '',
      },
    );
    // The command comes past the acknowledgement that is not there yet.
    const { id } = await region.next('command');
    stored.resolve();
    expect((await region.next('ack')).messages).toBe(1);
    region.send({ result: { id, accepted: true } });
    expect(await answer).toEqual({ accepted: true });
  });

  const openings: [string, ErrorCode, FromRegion | Buffer][] = [
    ['a journal before hello', 'link.bad-message', { journal: { events: [] } }],
    ['what is no protobuf message', 'link.bad-message', Buffer.from([0xff, 0xff, 0xff])],
    ['an empty message', 'link.bad-message', Buffer.alloc(0)],
    ['another protocol version', 'link.protocol', { hello: { ...hello, protocol: 2 } }],
    ['a need for what cannot be done', 'link.unsupported', { hello: { ...hello, required: ['telepathy'] } }],
    ['the name of another region', 'link.identity', { hello: { ...hello, region: 'us1' } }],
    ['no name', 'link.identity', { hello: { ...hello, region: '' } }],
    ['no gateway', 'link.bad-message', { hello: { ...hello, gateway: '' } }],
    [
      'a gateway name that would not stay one in a stream name',
      'link.bad-message',
      { hello: { ...hello, gateway: 'gw-1' } },
    ],
    ['no node', 'link.bad-message', { hello: { ...hello, node: '' } }],
    ['a long node', 'link.bad-message', { hello: { ...hello, node: 'n'.repeat(limits.name + 1) } }],
  ];
  it.each(openings)('refuses %s as opening with %s', async (_what, code, message) => {
    const region = connect();
    region.send(message);
    expect((await region.next('refusal')).code).toBe(code);
    await expect(region.next('welcome')).rejects.toThrow('ended');
  });

  it('takes a gateway with a certificate for itself alone, and no other one with that', async () => {
    const own = connect(server, 'ie1/gw2');
    own.send({ hello: { ...hello, gateway: 'gw2' } });
    await own.next('welcome');
    const another = connect(server, 'ie1/gw2');
    another.send({ hello: { ...hello, gateway: 'gw3' } });
    expect(await another.next('refusal')).toMatchObject({
      code: 'link.gateway-identity',
      message: expect.stringContaining('calls itself ie1/gw3, but its certificate is for ie1/gw2 only'),
    });
  });

  it('lets two processes of one name not take turns: the newer one stays, while it is there', async () => {
    const say = (node: string): RawRegion => {
      const region = connect(server, 'ie1');
      region.send({ hello: { ...hello, node } });
      return region;
    };
    const older = say('ie1-1');
    await older.next('welcome');
    const newer = say('ie1-2');
    await newer.next('welcome');
    expect(await older.next('refusal')).toMatchObject({ code: 'link.replaced' });
    expect(await say('ie1-1').next('refusal')).toMatchObject({
      code: 'link.replaced',
      message: expect.stringContaining('node ie1-2'),
    });
    expect(server.gateways()).toMatchObject([{ node: 'ie1-2' }]);
    newer.close();
    while (server.gateways().length > 0) await new Promise(setImmediate);
    await say('ie1-1').next('welcome');
  });

  it('refuses a region that it does not list, though its certificate is good', async () => {
    const region = connect(server, 'us1');
    region.send({ hello: { ...hello, region: 'us1' } });
    expect(await region.next('refusal')).toMatchObject({
      code: 'link.region-unlisted',
      message: expect.stringContaining('takes no region us1; its list "regions" has ie1.'),
    });
    expect(server.gateways()).toEqual([]);
  });

  const big = Buffer.from(JSON.stringify({ timer: 'x'.repeat(limits.batchBytes / 2) }));
  const messages: [string, ErrorCode, FromRegion | Buffer][] = [
    ['a second hello', 'link.bad-message', { hello }],
    ['what is no protobuf message', 'link.bad-message', Buffer.from([0xff, 0xff, 0xff])],
    ['data that is no JSON', 'link.bad-message', journal(event(11, { data: Buffer.from('{') }))],
    ['data that is no object', 'link.bad-message', journal(event(11, { data: Buffer.from('[]') }))],
    [
      'data that is not UTF-8',
      'link.bad-message',
      journal(event(11, { data: Buffer.from('7bff7d', 'hex') })),
    ],
    ['a type that is no name', 'link.bad-message', journal(event(11, { type: '$deleted' }))],
    ['an event of another region', 'link.bad-message', journal(event(11, { region: 'us1' }))],
    ["a stream of the store's own", 'link.bad-message', journal(event(11, { stream: '$all' }))],
    ["a stream of no actor's", 'link.bad-message', journal(event(11, { stream: 'routing-policies' }))],
    ['an event without id', 'link.bad-message', journal(event(11, { id: '' }))],
    ['an id that is no UUID', 'link.bad-message', journal(event(11, { id: 'one' }))],
    ['a long stream name', 'link.bad-message', journal(event(11, { stream: 's'.repeat(limits.name + 1) }))],
    ['a broken revision', 'link.bad-message', journal(event(11, { revision: 0.5 }))],
    ['no schema version', 'link.bad-message', journal(event(11, { version: 0 }))],
    ['a time that is no number', 'link.bad-message', journal(event(11, { time: Number.NaN }))],
    ['a position that is no number', 'link.bad-message', journal(event(11, { position: '0x1' }))],
    ['no calls to adopt', 'link.bad-message', { adopt: { calls: [] } }],
    ['a call to adopt without a sid', 'link.bad-message', { adopt: { calls: [{ from: 'main/r1' }] } }],
    [
      'too many calls to adopt',
      'link.bad-message',
      { adopt: { calls: Array.from({ length: limits.adoptedCalls + 1 }, () => ({ callSid: 'CA1' })) } },
    ],
    ['no legs to be asked about', 'link.bad-message', { held: { legs: [] } }],
    ['a leg without an id', 'link.bad-message', held({ callSid: 'CA1', legId: '' })],
    [
      'a leg with a long id',
      'link.bad-message',
      held({ callSid: 'CA1', legId: 'x'.repeat(limits.name + 1) }),
    ],
    [
      'too many legs to be asked about',
      'link.bad-message',
      held(...Array.from({ length: limits.heldLegs + 1 }, () => ({ callSid: 'CA1', legId: 'LE1' }))),
    ],
    ['a message of no events', 'link.bad-message', journal()],
    ['a message of too many events', 'link.bad-message', journal(...many(limits.batchEvents + 1))],
    ['a message of too many bytes', 'link.bad-message', journal(...many(3, { data: big }))],
    [
      'an event of too many bytes',
      'link.bad-message',
      journal(event(11, { data: Buffer.alloc(limits.eventBytes + 1, ' ') })),
    ],
  ];
  it.each(messages)('refuses %s with %s', async (_what, code, message) => {
    const region = await welcomed();
    region.send(message);
    const refusal = await region.next('refusal');
    expect(refusal.code).toBe(code);
    expect(received).toEqual([]);
    await expect(region.next('ack')).rejects.toThrow('ended');
    await welcomed();
  });

  it('keeps the journals and commands of a region’s gateways apart', async () => {
    const [one, two] = [await welcomed('gw1'), await welcomed('gw2')];
    expect(server.gateways().map(({ gateway }) => gateway)).toEqual(['gw1', 'gw2']);
    const answer = server.command(
      { region: 'ie1', gateway: 'gw2' },
      { id: randomUUID(), stream: 'leg-1', type: 'TimerRang', data: {}, cause: '', correlation: '' },
    );
    const { id } = await two.next('command');
    one.send({ journal: { events: [event(11)] } });
    two.send({ journal: { events: [event(12)] } });
    expect([(await one.next('ack')).messages, (await two.next('ack')).messages]).toEqual([1, 1]);
    expect(received.toSorted()).toEqual(['11', '12']);
    one.send({ result: { id, accepted: false } });
    two.send({ result: { id, accepted: true } });
    expect(await answer).toEqual({ accepted: true });
  });

  it('takes no more gateways of a region than it may have', async () => {
    for (let count = 1; count <= limits.gateways; count += 1) (await welcomed(`g${count}`)).close();
    const more = connect();
    more.send({ hello: { ...hello, gateway: 'more' } });
    expect((await more.next('refusal')).code).toBe('link.too-many-gateways');
    await welcomed('g1');
  });

  it('refuses more than the window', async () => {
    const stored = Promise.withResolvers<void>();
    const mute = await createLinkServer({
      address: { host: '127.0.0.1', port: 0 },
      main: 'main',
      router: 'r1',
      node: 'main-1',
      version: '0.1.0',
      tls: certificates.main!,
      onEvents: () => stored.promise,
      onAdopt: async () => {},
      onHeld: async () => [],
    });
    const region = connect(mute);
    region.send({ hello });
    await region.next('welcome');
    for (let from = 0; from <= limits.windowEvents; from += limits.batchEvents)
      region.send(journal(...many(limits.batchEvents, {}, from)));
    expect((await region.next('refusal')).code).toBe('link.window-exceeded');
    stored.resolve();
    region.close();
    await mute.close();
  });

  it('refuses a flood of messages without content', async () => {
    const region = await welcomed();
    for (let count = 0; count <= limits.idleMessages; count += 1)
      region.send(count % 2 ? { ping: {} } : { result: { id: 'none' } });
    expect((await region.next('refusal')).code).toBe('link.rate-exceeded');
  });

  it('answers any bytes with a refusal of the registry, and serves on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.uint8Array({ maxLength: 200 }), async (greeted, bytes) => {
        const region = greeted ? await welcomed() : connect();
        region.send(Buffer.from(bytes));
        region.send({ hello: { ...hello, protocol: 7 } });
        expect(registry).toHaveProperty([(await region.next('refusal')).code!]);
        region.close();
      }),
      { numRuns: 100, seed: 3 },
    );
    await welcomed();
  });

  it('tells regions that it is shutting down, and commands that the link is closed', async () => {
    const region = await welcomed();
    const answer = server.command(
      { region: 'ie1', gateway: 'gw1' },
      {
        id: randomUUID(),
        stream: 'leg-1',
        type: 'TimerRang',
        data: {},
        cause: '',
        correlation: '',
      },
    );
    await region.next('command');
    const closed = server.close();
    expect((await region.next('refusal')).code).toBe('link.closing');
    await expect(answer).rejects.toMatchObject({ code: 'link.closed' });
    region.close();
    await closed;
  });

  it('says why it cannot listen', async () => {
    await expect(
      createLinkServer({
        address: { host: '127.0.0.1', port: server.port },
        main: 'main',
        router: 'r1',
        node: 'main-2',
        version: '0.1.0',
        tls: certificates.main!,
        onEvents: async () => {},
        onAdopt: async () => {},
        onHeld: async () => [],
      }),
    ).rejects.toMatchObject({ code: 'link.listen-failed' });
  });
});

function held(...legs: { callSid: string; legId: string }[]): FromRegion {
  return { held: { legs } };
}

function journal(...events: JournalEvent[]): FromRegion {
  return { journal: { events } };
}

function many(count: number, changes: Partial<JournalEvent> = {}, from = 10): JournalEvent[] {
  return Array.from({ length: count }, (_, index) => event(from + index + 1, changes));
}
