import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { verify } from '@tandem/actors/documents/fetch';

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
export type Application = (request: ApplicationRequest) => string | Answer;

/** Documents, or what answers with one, by path. */
export type Pages = Readonly<Record<string, string | Answer | Application>>;

const NOTHING: Answer = { status: 404, body: '' };

/** An application that consists of pages. */
export const pages =
  (byPath: Pages): Application =>
  (request) => {
    const page = byPath[request.path] ?? NOTHING;
    return typeof page === 'function' ? page(request) : page;
  };

const asAnswer = (answer: string | Answer): Answer =>
  typeof answer === 'string' ? { body: answer } : answer;

/** An application's web server, with what it was asked. */
export class ApplicationServer {
  /** What it was asked since the application is this one. */
  requests: ApplicationRequest[] = [];
  #application: Application;
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server, application: Application) {
    this.#server = server;
    this.#application = application;
    this.url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  }

  static async start(authToken: string, application: Application): Promise<ApplicationServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const started = new ApplicationServer(server, application);
    server.on('request', async (incoming, response) => {
      let body = '';
      for await (const chunk of incoming) body += chunk;
      const url = new URL(incoming.url!, `http://${incoming.headers.host}`);
      const form = Object.fromEntries(new URLSearchParams(body));
      const signature = String(incoming.headers['x-twilio-signature'] ?? '');
      const request: ApplicationRequest = {
        path: url.pathname,
        params: { ...Object.fromEntries(url.searchParams), ...form },
        signed: verify(authToken, signature, url.href, form),
      };
      started.requests.push(request);
      const {
        status = 200,
        contentType = 'text/xml',
        body: content,
      } = asAnswer(started.#application(request));
      response.writeHead(status, { 'content-type': contentType }).end(content);
    });
    return started;
  }

  /** Answers with another application from now on, and forgets what the one before it was asked. */
  serve(application: Application): void {
    this.#application = application;
    this.requests = [];
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
