import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream';

/** A door of loopback to a TCP port, that can be slammed: the connections through it are closed, new ones are let in. */
export class TcpDoor {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, to: number) {
    this.#server = server;
    this.port = (server.address() as { port: number }).port;
    server.on('connection', (outside) => {
      const inside = connect(to, '127.0.0.1');
      for (const socket of [outside, inside]) {
        this.#sockets.add(socket);
        socket.once('close', () => this.#sockets.delete(socket));
      }
      pipeline(outside, inside, outside, () => {});
    });
  }

  static async open(to: number): Promise<TcpDoor> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpDoor(server, to);
  }

  /** Resolves when the connections that went through it are gone. */
  async slam(): Promise<void> {
    const gone = [...this.#sockets].map((socket) => once(socket, 'close'));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(gone);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.slam();
    this.#server.close();
  }
}
