import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { LOCAL_REGIONS } from './demo-places.ts';

/** The number of the demo's application. */
export const APPLICATION_NUMBER = '+15550100';

const phoneFor = (key: string | null) => LOCAL_REGIONS.find((region) => region.key === key);

/** What an application is: documents by path, given what the router says of the call. */
const DOCUMENTS: Record<string, (params: URLSearchParams) => string> = {
  '/voice': () => `<Response>
  <Gather numDigits="1" timeout="10" action="/key">
    <Say>Welcome to Tandem. Press one for a phone in London, or two for a phone in Frankfurt.</Say>
  </Gather>
  <Say>You pressed no key. Goodbye.</Say>
</Response>`,
  '/key': (params) => {
    const called = phoneFor(params.get('Digits'));
    return called
      ? `<Response>
  <Say>One moment.</Say>
  <Dial action="/after" timeout="20" hangupOnStar="true"><Number>${called.phone}</Number></Dial>
</Response>`
      : '<Response><Redirect>/voice</Redirect></Response>';
  },
  '/after': (params) => `<Response>
  <Say>The other phone has hung up. The result was ${params.get('DialCallStatus')}. Goodbye.</Say>
  <Hangup/>
</Response>`,
};

export interface DemoApplication {
  /** Where the first document is. */
  readonly url: string;
  close(): Promise<void>;
}

/** An application as its owner would write it: a web server with three documents. */
export async function startDemoApplication(onRequest: (path: string, params: URLSearchParams) => void) {
  const server: Server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const params = new URLSearchParams(body);
    const path = request.url ?? '/';
    onRequest(path, params);
    const document = DOCUMENTS[path];
    response
      .writeHead(document ? 200 : 404, { 'content-type': 'text/xml' })
      .end(document?.(params) ?? '<Response/>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}/voice`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  } satisfies DemoApplication;
}
