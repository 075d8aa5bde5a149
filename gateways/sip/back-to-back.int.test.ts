import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { BackToBackAgent } from './back-to-back.ts';
import type { UserAgent } from './dialog/session.ts';
import { openTransportLayer } from './transport/open-transport-layer.ts';
import { createUserAgent } from './user-agent.ts';

const hasSipp = spawnSync('sipp', ['-v']).error === undefined;
if (!hasSipp && process.env.CI === 'true') throw new Error('sipp is not on the PATH, and CI must have it.');
const title = hasSipp ? 'A back-to-back agent between sipp and sipp' : 'skipped: sipp is not on the PATH';

const opened: { agent?: UserAgent; programs: ChildProcess[] } = { programs: [] };

afterEach(async () => {
  for (const program of opened.programs.splice(0)) program.kill('SIGKILL');
  await opened.agent?.close();
});

const freePort = async (): Promise<number> => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
};

/** Runs sipp to its end; resolves with its exit code, 0 when every call went as its scenario says. */
const sipp = (port: number, ...args: string[]): { program: ChildProcess; code: Promise<number> } => {
  const common = ['-i', '127.0.0.1', '-p', `${port}`, '-nostdin', '-timeout', '25s', '-timeout_error'];
  const program = spawn('sipp', [...args, ...common], {
    stdio: 'ignore',
    env: { ...process.env, TERM: 'dumb' },
  });
  opened.programs.push(program);
  return { program, code: once(program, 'exit').then(([code]) => code as number) };
};

(hasSipp ? describe : describe.skip)(title, () => {
  it('carries calls from one to the other', async () => {
    const [callerPort, calleePort] = [await freePort(), await freePort()];
    const agent = createUserAgent({
      transport: await openTransportLayer({
        listen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }],
        peers: [{ trunk: 'sipp', addresses: ['127.0.0.1'] }],
      }),
    });
    opened.agent = agent;
    const { port } = new URL(agent.addresses[0]!.replace('sip:', 'http://').replace(/;.*/, ''));
    const joined = new BackToBackAgent({
      agent,
      route: ({ to }) => ({ uri: `sip:${to}@127.0.0.1:${calleePort}` }),
    });
    const callee = sipp(calleePort, '-sn', 'uas', '-m', '20');
    const caller = sipp(
      callerPort,
      '-sn',
      'uac',
      `127.0.0.1:${port}`,
      '-s',
      '15550100',
      '-m',
      '20',
      '-r',
      '40',
    );
    expect(await caller.code).toBe(0);
    expect(await callee.code).toBe(0);
    expect(joined.calls).toBe(0);
  });
});
