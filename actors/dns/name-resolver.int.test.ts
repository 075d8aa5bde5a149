import { createHook } from 'node:async_hooks';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createNameResolver, type NameResolver, type NameResolverOptions } from './name-resolver.ts';
import { type Answer, ipv4, ipv6, nameServer, type Question } from './testing/name-server.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const serve = async (answer: (question: Question) => Answer) => {
  const server = await nameServer(answer);
  closing.push(() => server.close());
  return server;
};
const resolverOf = (options: NameResolverOptions): NameResolver => {
  const resolver = createNameResolver({ hostsFile: '/nowhere', ...options });
  closing.push(() => resolver.close());
  return resolver;
};
/** Says nothing about names of evil.test, and one address for all others. */
const deaf = ({ name, type }: Question): Answer =>
  name.endsWith('evil.test') ? 'silence' : type === 1 ? [ipv4('192.0.2.1')] : [];

describe('addresses of a name', () => {
  it('are those of both families, IPv4 first', async () => {
    const server = await serve(({ type }) =>
      type === 1 ? [ipv4('192.0.2.1'), ipv4('192.0.2.2')] : [ipv6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1])],
    );
    const addresses = await resolverOf({ servers: [server.address] }).addresses('Both.Example.');
    expect(addresses.map(({ address, family }) => `${family} ${address}`).sort()).toEqual([
      '4 192.0.2.1',
      '4 192.0.2.2',
      '6 2001:db8::1',
    ]);
    expect(addresses.map(({ family }) => family)).toEqual([4, 4, 6]);
    expect(new Set(server.asked.map(({ name }) => name))).toEqual(new Set(['both.example']));
  });

  it('are those that there are when the other family’s question is dropped', async () => {
    const server = await serve(({ type }) => (type === 1 ? [ipv4('192.0.2.1')] : 'silence'));
    const resolver = resolverOf({ servers: [server.address], limit: 600_000 });
    expect(await resolver.addresses('half.example')).toEqual([{ address: '192.0.2.1', family: 4 }]);
  });

  it('are not asked for when the name is an address, this machine, or no name', async () => {
    const server = await serve(() => 'no-such-name');
    const resolver = resolverOf({ servers: [server.address] });
    expect(await resolver.addresses('2001:db8::1')).toEqual([{ address: '2001:db8::1', family: 6 }]);
    for (const host of ['localhost', 'LOCALHOST.', 'a.localhost'])
      expect(await resolver.addresses(host)).toContainEqual({ address: '127.0.0.1', family: 4 });
    for (const host of ['', '.', 'a..b', 'a b', `${'a'.repeat(64)}.example`, 'ä.example', 'a\0.example'])
      await expect(resolver.addresses(host)).rejects.toMatchObject({ code: 'ENOTFOUND' });
    expect(server.asked).toEqual([]);
  });

  it('come from the hosts file first, as it is at the time', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hosts-'));
    closing.push(() => rm(folder, { recursive: true }));
    const hostsFile = join(folder, 'hosts');
    const server = await serve(() => [ipv4('192.0.2.9')]);
    const resolver = resolverOf({ servers: [server.address], hostsFile });
    const addressesOf = async (host: string) =>
      (await resolver.addresses(host)).map(({ address }) => address);
    await writeFile(hostsFile, '2001:db8::5 App.Example app # the application\n192.0.2.5\tapp.example\n');
    expect(await addressesOf('APP.example')).toEqual(['192.0.2.5', '2001:db8::5']);
    expect(await addressesOf('app')).toEqual(['2001:db8::5']);
    expect(server.asked).toEqual([]);
    await writeFile(hostsFile, '192.0.2.77 app.example\n');
    expect(await addressesOf('app.example')).toEqual(['192.0.2.77']);
    await rm(hostsFile);
    expect(await addressesOf('app.example')).toContain('192.0.2.9');
  });
});

describe('a name that does not exist', () => {
  it('is not asked for again for some seconds', async () => {
    let now = 0;
    const server = await serve(() => 'no-such-name');
    const resolver = resolverOf({ servers: [server.address], now: () => now });
    const ask = () => expect(resolver.addresses('no.example')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await ask();
    const first = server.asked.length;
    await ask();
    expect(server.asked).toHaveLength(first);
    now = 5_001;
    await ask();
    expect(server.asked.length).toBeGreaterThan(first);
  });

  it('is another thing than servers that fail, which are asked again', async () => {
    let well = false;
    const server = await serve(() => (well ? [ipv4('192.0.2.1')] : 'failure'));
    const resolver = resolverOf({ servers: [server.address] });
    await expect(resolver.addresses('a.example')).rejects.toMatchObject({ code: 'ESERVFAIL' });
    well = true;
    expect(await resolver.addresses('a.example')).not.toEqual([]);
  });
});

describe('a name server that is silent', () => {
  it('about one account’s names holds up no other account', async () => {
    const server = await serve(deaf);
    const resolver = resolverOf({ servers: [server.address], limit: 600_000 });
    const given = new AbortController();
    const stuck = Array.from({ length: 100 }, (_, index) =>
      resolver.addresses(`x${index}.evil.test`, { asker: 'AC1', signal: given.signal }),
    );
    const ends = Promise.allSettled(stuck);
    expect(await resolver.addresses('app.good.test', { asker: 'AC2' })).toEqual([
      { address: '192.0.2.1', family: 4 },
    ]);
    given.abort();
    expect(await ends).toEqual(stuck.map(() => expect.objectContaining({ status: 'rejected' })));
  });

  it('is asked by one account about a few names at once, and giving up makes room for the next', async () => {
    const server = await serve(deaf);
    const resolver = resolverOf({ servers: [server.address], limit: 600_000 });
    const given = new AbortController();
    const stuck = Array.from({ length: 8 }, (_, index) =>
      resolver.addresses(`x${index}.evil.test`, { asker: 'AC1', signal: given.signal }),
    );
    const ends = Promise.allSettled(stuck);
    const waiting = resolver.addresses('app.good.test', { asker: 'AC1' });
    await Promise.all(stuck.map((_, index) => server.waitFor(({ name }) => name === `x${index}.evil.test`)));
    // Another account's answer has come, and this one's was not even asked for.
    await resolver.addresses('other.good.test', { asker: 'AC2' });
    expect(server.asked.some(({ name }) => name === 'app.good.test')).toBe(false);
    given.abort(new Error('the caller hung up'));
    expect(await waiting).toEqual([{ address: '192.0.2.1', family: 4 }]);
    expect((await ends)[0]).toMatchObject({ status: 'rejected', reason: { message: 'the caller hung up' } });
  });

  it('refuses who asks for too many', async () => {
    const server = await serve(deaf);
    const resolver = resolverOf({ servers: [server.address], limit: 600_000 });
    const given = new AbortController();
    const signal = given.signal;
    const stuck = Array.from({ length: 8 + 256 }, (_, index) =>
      resolver.addresses(`x${index}.evil.test`, { signal }),
    );
    const ends = Promise.allSettled(stuck);
    await expect(resolver.addresses('one-more.evil.test')).rejects.toMatchObject({ code: 'EBUSY' });
    given.abort();
    await ends;
  });

  it('is given up on after a while', async () => {
    const server = await serve(deaf);
    const resolver = resolverOf({ servers: [server.address], limit: 20 });
    await expect(resolver.addresses('a.evil.test')).rejects.toMatchObject({
      code: 'ETIMEOUT',
      message: 'no name server answered about a.evil.test within 20 ms',
    });
  });

  it('ends when names are not looked up any more', async () => {
    const server = await serve(deaf);
    const resolver = resolverOf({ servers: [server.address], limit: 600_000 });
    const asking = resolver.addresses('a.evil.test');
    const ended = expect(asking).rejects.toMatchObject({ code: 'ECANCELLED' });
    await server.waitFor(({ name }) => name === 'a.evil.test');
    resolver.close();
    await ended;
  });
});

describe('one name that many ask for', () => {
  it('is looked up once, for as long as one of them waits', async () => {
    let say: Answer = 'silence';
    const server = await serve(({ type }) => (type === 1 ? say : []));
    const resolver = resolverOf({ servers: [server.address], limit: 600_000 });
    const given = new AbortController();
    const first = resolver.addresses('app.example', { signal: given.signal });
    const second = resolver.addresses('app.example');
    const gaveUp = expect(first).rejects.toBeDefined();
    await server.waitFor(({ type }) => type === 1);
    given.abort();
    await gaveUp;
    say = [ipv4('192.0.2.1')]; // c-ares asks once more after a second
    expect(await second).toEqual([{ address: '192.0.2.1', family: 4 }]);
  });
});

it('takes no thread of libuv’s pool, neither for names nor for the hosts file', async () => {
  const server = await serve(deaf);
  const resolver = resolverOf({ servers: [server.address], hostsFile: '/etc/hosts' });
  const begun = new Set<string>();
  const hook = createHook({ init: (_id, type) => void begun.add(type) }).enable();
  await resolver.addresses('app.good.test');
  hook.disable();
  expect(begun).toContain('QUERYWRAP');
  expect([...begun].filter((type) => /GETADDRINFO|^FSREQ|THREADPOOL/.test(type))).toEqual([]);
});
