import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { createSipResolver } from './sip-resolver.ts';

/** A DNS server of loopback that answers everything alike: with the answer's bytes, or that there is no such name. */
const serve = async (answer?: Buffer) => {
  const socket = createSocket('udp4');
  socket.on('message', (question, { port, address }) => {
    const end = question.indexOf(0, 12) + 5;
    // A response, recursion available; one question and, if there is one, one answer.
    const head = Buffer.from(question.subarray(0, 12));
    head.writeUInt16BE(answer ? 0x8180 : 0x8183, 2);
    head.writeUInt16BE(answer ? 1 : 0, 6);
    head.writeUInt32BE(0, 8);
    const parts = [head, question.subarray(12, end), ...(answer ? [answer] : [])];
    socket.send(Buffer.concat(parts), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const server = `127.0.0.1:${socket.address().port}`;
  return { server, [Symbol.dispose]: () => void socket.close() };
};

/** A record of the name that was asked for, of a type and with these data. */
const record = (type: number, data: Buffer): Buffer => {
  const head = Buffer.from([0xc0, 0x0c, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length]);
  return Buffer.concat([head, data]);
};

const name = (text: string): Buffer =>
  Buffer.concat([
    ...text.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);

const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);

describe('DNS for SIP', () => {
  it('says where a service is', async () => {
    using dns = await serve(
      record(33, Buffer.concat([Buffer.from([0, 1, 0, 2, 19, 196]), name('s.example')])),
    );
    const resolver = createSipResolver([dns.server]);
    expect(await resolver.srv('_sip._udp.example.com')).toMatchObject([
      { priority: 1, weight: 2, port: 5060, name: 's.example' },
    ]);
  });

  it('says which services there are', async () => {
    const data = Buffer.concat([
      Buffer.from([0, 1, 0, 2]),
      ...[text('s'), text('SIP+D2U'), text(''), name('_sip._udp.example.com')],
    ]);
    using dns = await serve(record(35, data));
    const resolver = createSipResolver([dns.server]);
    expect(await resolver.naptr('example.com')).toMatchObject([
      { order: 1, preference: 2, flags: 's', service: 'SIP+D2U', replacement: '_sip._udp.example.com' },
    ]);
  });

  it('says nothing where nothing is', async () => {
    using dns = await serve();
    const resolver = createSipResolver([dns.server]);
    expect([await resolver.srv('_sip._udp.example.com'), await resolver.naptr('example.com')]).toEqual([
      [],
      [],
    ]);
  });

  it('has the addresses that this machine knows', async () => {
    expect(await createSipResolver().addresses('localhost')).toContain('127.0.0.1');
  });
});
