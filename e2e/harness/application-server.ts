import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { verify } from '@tandem/actors/documents/request-signature.ts';

/** One request of a router's, as an application sees it. */
export interface ApplicationRequest {
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  /** Whether its signature is the account's. */
  readonly signed: boolean;
}

export interface Answer {
  readonly status?: number;
  readonly contentType?: string;
  readonly body: string | Buffer;
}

/** What an application answers: a TwiML document, or something else on purpose. */
export type Application = (request: ApplicationRequest) => string | Answer | Promise<string | Answer>;

/** An application's web server, with what it was asked. */
export class ApplicationServer {
  readonly requests: ApplicationRequest[] = [];
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  }

  static async start(authToken: string, application: Application): Promise<ApplicationServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const started = new ApplicationServer(server);
    server.on('request', async (incoming, response) => {
      let body = '';
      for await (const chunk of incoming) body += chunk;
      const url = new URL(incoming.url!, started.url);
      const form = Object.fromEntries(new URLSearchParams(body));
      const signature = String(incoming.headers['x-twilio-signature'] ?? '');
      const request: ApplicationRequest = {
        path: url.pathname,
        params: { ...Object.fromEntries(url.searchParams), ...form },
        signed: verify(authToken, signature, url.href, form),
      };
      started.requests.push(request);
      const answer = await application(request);
      const {
        status = 200,
        contentType = 'text/xml',
        body: content,
      } = typeof answer === 'string' ? { body: answer } : answer;
      response.writeHead(status, { 'content-type': contentType }).end(content);
    });
    return started;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
