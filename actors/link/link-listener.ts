import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type Server, ServerCredentials } from '@grpc/grpc-js';
import { TandemError } from '../errors/index.ts';
import type { LinkTls } from '../peers/index.ts';
import { type AdmissionLimits, admissionLimits, admitPeers } from '../peers/index.ts';

/** Milliseconds in which peers may close their connections themselves. */
const PATIENCE = 1000;

export interface LinkListener {
  readonly port: number;
  /** Gives the port back, and all connections. */
  close(): Promise<void>;
}

/**
 * Listens for a gRPC server, over mutual TLS: only who has shown a certificate gets as far as the server. The sockets are
 * ours and not the server's: its own shutdown waits for the close of sockets whose peer went away in the middle of
 * it, which may never come.
 *
 * @throws link.listen-failed
 */
export async function listenForRegions(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
  tls: LinkTls,
  limits: AdmissionLimits = admissionLimits,
): Promise<LinkListener> {
  // TLS is done by the time that the server gets a connection.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const admission = admitPeers(tls, (socket) => injector.injectConnection(socket), limits);
  const sockets = new Set<Socket>();
  const listener = createServer({ noDelay: true, keepAlive: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    admission.take(socket);
  });
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
      admission.close();
      await once(listener, 'close');
      clearTimeout(impatience);
      server.forceShutdown();
    },
  };
}
