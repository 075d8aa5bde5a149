import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { freePort } from '@tandem/actors/testing/free-port.ts';
import { checkDemoPorts, freePorts } from './demo-ports.ts';

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

  it('are none of those that the demo finds for itself, and these differ', async () => {
    // A system hands out the ports it has in turn: whatever it gives first is the demo's own the second time.
    const [sip, api, callee] = (await freePorts(3, { sip: 0, api: 0, callee: 0 })) as [
      number,
      number,
      number,
    ];
    const found = await freePorts(500, { sip, api, callee });
    expect(new Set([...found, sip, api, callee]).size).toBe(503);
  });
});
