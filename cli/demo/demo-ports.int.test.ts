import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { checkDemoPorts, freePort } from './demo-ports.ts';

const threePorts = async () => ({ sip: await freePort(), api: await freePort(), callee: await freePort() });

describe("the demo's ports", () => {
  it('are in order when they are free, and are free afterwards', async () => {
    const ports = await threePorts();
    await checkDemoPorts(ports);
    await checkDemoPorts(ports);
  });

  it.each([
    ['sip', '--sip-port'],
    ['callee', '--phone-port'],
  ] as const)('%s that another socket has is named with %s', async (key, option) => {
    const ports = await threePorts();
    const taken = createSocket('udp4').bind(ports[key], '127.0.0.1');
    await once(taken, 'listening');
    await expect(checkDemoPorts(ports)).rejects.toMatchObject({
      code: 'config.demo-port',
      params: { port: ports[key], option },
    });
    taken.close();
    await checkDemoPorts(ports);
  });

  it('the API’s as well', async () => {
    const ports = await threePorts();
    const taken = createServer().listen(ports.api, '127.0.0.1');
    await once(taken, 'listening');
    await expect(checkDemoPorts(ports)).rejects.toThrow('--api-port');
    taken.close();
  });

  it('must differ', async () => {
    const ports = await threePorts();
    await expect(checkDemoPorts({ ...ports, callee: ports.sip })).rejects.toThrow('--phone-port');
  });
});
