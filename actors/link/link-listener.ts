import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type Server, ServerCredentials } from '@grpc/grpc-js';
import { TandemError } from '../errors/tandem-error.ts';
import type { LinkTls } from './tls.ts';

/** Connections at a time, those that have not proved who they are included. */
const MAX_CONNECTIONS = 1000;
/** Milliseconds in which peers may close their connections themselves. */
const PATIENCE = 1000;

export interface LinkListener {
  readonly port: number;
  /** Gives the port back, and all connections. */
  close(): Promise<void>;
}

/**
 * Listens for a gRPC server, over mutual TLS. The TCP sockets are ours and not the server's: its own shutdown
 * waits for the close of sockets whose peer went away in the middle of it, which may never come.
 *
 * @throws link.listen-failed
 */
export async function listenForRegions(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
  tls: LinkTls,
): Promise<LinkListener> {
  const injector = server.createConnectionInjector(
    ServerCredentials.createSsl(tls.ca, [{ cert_chain: tls.cert, private_key: tls.key }], true),
  );
  const sockets = new Set<Socket>();
  const listener = createServer({ noDelay: true, keepAlive: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    injector.injectConnection(socket);
  });
  listener.maxConnections = MAX_CONNECTIONS;
  try {
    listener.listen(port, host);
    await once(listener, 'listening');
  } catch (error) {
    server.forceShutdown();
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const detail = error instanceof Error ? error.message : String(error);
    throw new TandemError('link.listen-failed', { address, detail }, { cause: error });
  }
  return {
    port: (listener.address() as { port: number }).port,
    async close() {
      const impatience = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, PATIENCE);
      listener.close();
      await once(listener, 'close');
      clearTimeout(impatience);
      server.forceShutdown();
    },
  };
}
