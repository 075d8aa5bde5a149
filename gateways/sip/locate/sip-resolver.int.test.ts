import { afterEach, describe, expect, it } from '@jest/globals';
import { type Answer, ipv4, nameServer } from '@tandem/actors/dns/testing/name-server.ts';
import { createSipResolver } from './sip-resolver.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const resolverThatHears = async (answer: Answer) => {
  const server = await nameServer(() => answer);
  closing.push(() => server.close());
  const resolver = createSipResolver([server.address]);
  closing.push(() => resolver.close?.());
  return resolver;
};

const name = (text: string): Buffer =>
  Buffer.concat([
    ...text.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);

const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);

describe('DNS for SIP', () => {
  it('says where a service is', async () => {
    const resolver = await resolverThatHears([
      Buffer.concat([Buffer.from([0, 1, 0, 2, 19, 196]), name('s.example')]),
    ]);
    expect(await resolver.srv('_sip._udp.example.com')).toMatchObject([
      { priority: 1, weight: 2, port: 5060, name: 's.example' },
    ]);
  });

  it('says which services there are', async () => {
    const data = Buffer.concat([
      Buffer.from([0, 1, 0, 2]),
      text('s'),
      text('SIP+D2U'),
      text(''),
      name('_sip._udp.example.com'),
    ]);
    const resolver = await resolverThatHears([data]);
    expect(await resolver.naptr('example.com')).toMatchObject([
      { order: 1, preference: 2, flags: 's', service: 'SIP+D2U', replacement: '_sip._udp.example.com' },
    ]);
  });

  it('says nothing where nothing is', async () => {
    const resolver = await resolverThatHears('no-such-name');
    expect([await resolver.srv('_sip._udp.example.com'), await resolver.naptr('example.com')]).toEqual([
      [],
      [],
    ]);
  });

  it('has the addresses that the servers and this machine know', async () => {
    const resolver = await resolverThatHears([ipv4('192.0.2.1')]);
    expect(await resolver.addresses('sip.example.com')).toContain('192.0.2.1');
    expect(await resolver.addresses('localhost')).toContain('127.0.0.1');
  });
});
