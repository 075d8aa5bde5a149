import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Runs a program that is done at once, and then lets what it opened linger. */
async function run(opens: string, milliseconds: number): Promise<{ status: number; said: string }> {
  const file = join(import.meta.dirname, 'let-linger.ts');
  const program = `
    import { connect } from 'node:net';
    const { letLinger } = await import(${JSON.stringify(file)});
    ${opens}
    letLinger({ warn: (fields, message) => console.log(message, fields.open.join()) }, ${milliseconds});`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
  const [said, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return { status, said };
}

describe('a process that has closed everything', () => {
  it('ends although a peer does not end its connection, and says so', async () => {
    const sockets: Socket[] = [];
    const server = createServer({ allowHalfOpen: true }, (socket) => sockets.push(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const { port } = server.address() as { port: number };
    const opens = `const socket = connect(${port}, '127.0.0.1'); socket.resume(); socket.end('goodbye');`;
    const { status, said } = await run(opens, 100);
    expect({ status, said }).toEqual({ status: 0, said: expect.stringMatching(/still open.*TCP/) });
  });

  it('does not wait when nothing is open', async () => {
    expect(await run('', 2 ** 30)).toEqual({ status: 0, said: '' });
  });
});
