import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly method: string;
  /** Path and query, as received. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface LocalServer {
  /** http://127.0.0.1:port, without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** Every request so far. */
  readonly received: readonly Received[];
  close(): Promise<void>;
}

/** An HTTP server on loopback whose answers a test writes. */
export async function localServer(
  answer: (request: Received, response: ServerResponse, raw: IncomingMessage) => void,
): Promise<LocalServer> {
  const received: Received[] = [];
  const server = createServer(async (raw, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of raw) chunks.push(chunk);
    const { method = '', url: path = '', headers } = raw;
    const request = { method, path, headers, body: Buffer.concat(chunks).toString() };
    received.push(request);
    answer(request, response, raw);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    received,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
