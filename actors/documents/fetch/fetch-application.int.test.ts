import { afterEach, describe, expect, it } from '@jest/globals';
import { TandemError } from '../../errors/tandem-error.ts';
import { type LocalServer, localServer, type Received } from '../testing/local-server.ts';
import { type ApplicationRequest, fetchApplication } from './fetch-application.ts';
import { createFetcher, type Fetcher } from './fetcher.ts';
import { verify } from './request-signature.ts';

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});
const opening = <T extends { close(): Promise<unknown> }>(one: T): T => {
  opened.push(one);
  return one;
};

const serve = async (answer: Parameters<typeof localServer>[0]): Promise<LocalServer> =>
  opening(await localServer(answer));
const serveDocument = (type: string, body: string | Buffer, status = 200) =>
  serve((_, response) => void response.writeHead(status, type ? { 'content-type': type } : {}).end(body));

const request = (url: string, more: Partial<ApplicationRequest> = {}): ApplicationRequest => ({
  url,
  method: 'POST',
  params: { CallSid: 'CA123', From: '+14155550123', To: 'sip:anna@example.com', Digits: '1 2&3' },
  accountSid: 'AC123',
  authToken: 'secret-token',
  idempotencyToken: 'request-1',
  ...more,
});
const ask = (url: string, more: Partial<ApplicationRequest> = {}, fetcher?: Fetcher) =>
  fetchApplication(request(url, more), fetcher ?? opening(createFetcher({ allowPrivateNetworks: true })));

const isSigned = ({ headers }: Received, url: string, params = {}) =>
  verify('secret-token', String(headers['x-twilio-signature']), url, params);

describe('asking an application', () => {
  it('posts the parameters as a form, signed, and reads the document', async () => {
    const server = await serveDocument(
      'text/xml; charset=utf-8',
      '<Response><Say>Grüß Gott</Say></Response>',
    );
    const clock = [1000, 1000, 1042.4];
    const fetcher = opening(createFetcher({ allowPrivateNetworks: true }));
    const fetched = await fetchApplication(
      request(`${server.url}/voice?a=b%20c`),
      fetcher,
      () => clock.shift()!,
    );
    expect(fetched).toEqual({
      type: 'DocumentFetched',
      data: {
        url: `${server.url}/voice?a=b%20c`,
        method: 'POST',
        status: 200,
        contentType: 'text/xml; charset=utf-8',
        body: '<Response><Say>Grüß Gott</Say></Response>',
        duration: 42,
        instructions: [{ say: { text: 'Grüß Gott', loop: 1 } }],
      },
    });
    const received = server.received[0]!;
    const params = Object.fromEntries(new URLSearchParams(received.body));
    expect(params).toEqual({ ...request('').params, AccountSid: 'AC123' });
    expect(received.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'i-twilio-idempotency-token': 'request-1',
      'user-agent': expect.stringMatching(/^Tandem\/\d/),
    });
    expect(isSigned(received, server.url + received.path, params)).toBe(true);
  });

  it('gets with the parameters in the query, which leaves what is there as it is', async () => {
    const server = await serveDocument('application/xml', '<Response/>');
    await ask(`${server.url}/voice?a=b%20c`, { method: 'GET' });
    await ask(`${server.url}/`, { method: 'GET' });
    const [first, second] = server.received;
    expect(first!.path).toMatch(/^\/voice\?a=b%20c&CallSid=CA123&From=%2B1/);
    expect(second!.path).toMatch(/^\/\?CallSid=CA123&.*&AccountSid=AC123$/);
    expect(first!.body).toBe('');
    expect(isSigned(first!, server.url + first!.path)).toBe(true);
  });

  it('gets a document’s own URL with each parameter once, also after a redirect that copied them', async () => {
    const document = '<Response><Gather method="GET"/><Redirect>?step=2</Redirect></Response>';
    const server = await serve(({ path }, response) => {
      if (path.startsWith('/old?'))
        response.writeHead(302, { location: path.replace('/old', '/new').replaceAll('%2B', '%2b') }).end();
      else response.writeHead(200, { 'content-type': 'text/xml' }).end(document);
    });
    for (const path of ['new', 'old']) {
      const { data } = await ask(`${server.url}/${path}?shop=7`, { method: 'GET' });
      expect(data).toMatchObject({
        instructions: [
          { gather: { action: `${server.url}/new?shop=7` } },
          { redirect: { url: `${server.url}/new?step=2` } },
        ],
      });
    }
  });

  it.each([
    '',
    '/',
    '/x?',
    '/x?#a',
    '//a//b',
    '/~a/%7Eb',
    '/ä?ö=ü',
    '/x?a=\'b\'&c="d"',
    '/x?a={b}|c',
    '/a/../b',
    '/a\\b',
    '/%zz?%',
  ])('signs exactly what is sent: %s', async (path) => {
    const server = await serveDocument('text/xml', '<Response/>');
    for (const method of ['GET', 'POST'] as const)
      await ask(`HTTP://127.0.0.1:${server.port}${path}`, { method });
    for (const received of server.received) {
      const params = Object.fromEntries(new URLSearchParams(received.body));
      expect(isSigned(received, server.url + received.path, params)).toBe(true);
    }
    expect(server.received).toHaveLength(2);
  });

  it('says what of a document was left out', async () => {
    const server = await serveDocument('text/xml', '<Response><Say></Say><Hangup/></Response>');
    const { data } = await ask(server.url);
    expect(data).toMatchObject({
      instructions: [{ hangup: {} }],
      warnings: {
        list: [
          {
            code: 'document.bad-content',
            message: expect.stringContaining(
              `<Say> at line 1, column 11 of ${server.url}/ has no text to say`,
            ),
          },
        ],
      },
    });
  });

  it('signs what a redirect leads to', async () => {
    const server = await serve(({ path }, response) => {
      if (path === '/a') response.writeHead(302, { location: '/b/c' }).end();
      else
        response
          .writeHead(200, { 'content-type': 'text/xml' })
          .end('<Response><Redirect>d</Redirect></Response>');
    });
    const fetched = await ask(`${server.url}/a`);
    expect(fetched.data).toMatchObject({
      url: `${server.url}/a`,
      instructions: [{ redirect: { url: `${server.url}/b/d`, method: 'POST' } }],
    });
    expect(isSigned(server.received[1]!, `${server.url}/b/c`)).toBe(true);
  });

  it('keeps credentials of URLs for the next requests, out of the history and out of the signature', async () => {
    const document = `<Response><Play>http://bob:hunter3@cdn.example/a.wav</Play><Redirect>next</Redirect></Response>`;
    const server = await serve(({ headers, path }, response) => {
      if (!headers.authorization) response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      else response.writeHead(200, { 'content-type': 'text/xml' }).end(path === '/next' ? '' : document);
    });
    const host = `127.0.0.1:${server.port}`;
    const redirecting = await serveDocument(
      'text/xml',
      `<Response><Redirect>http://anna:hunter2@${host}/voice</Redirect></Response>`,
    );
    const first = await ask(redirecting.url);
    const { session } = first.data;
    const fetched = await ask(`http://${host}/voice`, { session });
    expect(fetched.data).toMatchObject({
      url: `http://${host}/voice`,
      instructions: [
        { play: { url: 'http://cdn.example/a.wav' } },
        { redirect: { url: `http://${host}/next`, method: 'POST' } },
      ],
    });
    expect(JSON.stringify([first, fetched])).not.toMatch(/hunter|anna|bob/);
    const { headers, body } = server.received[1]!;
    expect(headers.authorization).toMatch(/^Basic /);
    const params = Object.fromEntries(new URLSearchParams(body));
    expect(isSigned(server.received[1]!, `http://${host}/voice`, params)).toBe(true);

    expect((await ask(`http://${host}/next`, { session: fetched.data.session })).type).toBe(
      'DocumentFetched',
    );
    // Whoever has the store, and not the account's token, has nothing; nor does another call.
    const refused = { data: { code: 'document.bad-status', status: 401 } };
    expect(await ask(`http://${host}/next`, { session, authToken: 'another-token' })).toMatchObject(refused);
    const otherCall = { ...request('').params, CallSid: 'CA124' };
    expect(await ask(`http://${host}/next`, { session, params: otherCall })).toMatchObject(refused);
  });

  it('takes the credentials that the configuration has for a URL', async () => {
    const server = await serve(({ headers }, response) => {
      if (!headers.authorization) response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      else response.writeHead(204).end();
    });
    const loginFor = () => ({ username: 'anna', password: 'hunter2' });
    const fetched = await ask(server.url, { loginFor });
    expect(fetched.type).toBe('DocumentFetched');
    expect(fetched.data).not.toHaveProperty('session');
  });

  it('brings cookies back within the call', async () => {
    const server = await serve(({ headers }, response) => {
      const round = Number(/round=(\d)/.exec(headers.cookie ?? '')?.[1] ?? 0) + 1;
      const fields = { 'content-type': 'text/xml', 'set-cookie': `round=${round}` };
      response.writeHead(round === 2 ? 500 : 200, fields).end('<Response/>');
    });
    let session: string | undefined;
    for (let round = 1; round <= 3; round += 1) {
      const { data } = await ask(server.url, { session });
      expect(JSON.stringify(data)).not.toContain('round');
      session = data.session ?? session;
    }
    expect(server.received.map(({ headers }) => headers.cookie)).toEqual([undefined, 'round=1', 'round=2']);
  });
});

describe('what an application may answer', () => {
  it('is a document, also as HTML and in another charset', async () => {
    const html = await serveDocument('text/html', '<Response><Hangup/></Response>');
    expect((await ask(html.url)).data).toMatchObject({ instructions: [{ hangup: {} }] });
    const latin1 = Buffer.from('<Response><Say>Grüß Gott</Say></Response>', 'latin1');
    const charset = await serveDocument('text/xml; charset=ISO-8859-1', latin1);
    const said = { instructions: [{ say: { text: 'Grüß Gott', loop: 1 } }] };
    expect((await ask(charset.url)).data).toMatchObject(said);
    const declaration = Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?>');
    const declared = await serveDocument('text/xml', Buffer.concat([declaration, latin1]));
    expect((await ask(declared.url)).data).toMatchObject(said);
  });

  it('is sound, of which no more than the head is read', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' }).write(Buffer.alloc(200_000));
    });
    expect(await ask(`${server.url}/hold.mp3`)).toMatchObject({
      type: 'DocumentFetched',
      data: { body: '', instructions: [{ play: { url: `${server.url}/hold.mp3`, loop: 1 } }] },
    });
  });

  it('is plain text to be said', async () => {
    const server = await serveDocument('text/plain', 'Hello\n  <world>\n');
    expect((await ask(server.url)).data).toMatchObject({
      instructions: [{ say: { text: 'Hello <world>', loop: 1 } }],
    });
  });

  it('is nothing', async () => {
    const server = await serveDocument('', '', 204);
    expect(await ask(server.url)).toMatchObject({
      type: 'DocumentFetched',
      data: { status: 204, instructions: [] },
    });
  });
});

describe('what goes wrong', () => {
  it.each([
    ['text/xml', 500, 'oops', 'document.bad-status'],
    ['text/html', 404, '<!DOCTYPE html><html>not here</html>', 'document.bad-status'],
    ['text/html', 200, '<!DOCTYPE html><html>hello</html>', 'document.bad-xml'],
    ['text/html', 200, '<html>hello</html>', 'document.bad-root'],
    ['text/xml', 200, '<Response><Say>x</Response>', 'document.bad-xml'],
    ['text/xml', 200, '<Response><Record/></Response>', 'document.unsupported-verb'],
    ['application/json', 200, '{}', 'document.bad-type'],
    ['', 200, '<Response/>', 'document.bad-type'],
    ['text/plain', 200, 'x'.repeat(5000), 'document.too-large'],
  ])('is told with status, code, message and body: %s %i %j', async (type, status, body, code) => {
    const server = await serveDocument(type, body, status);
    const fetched = await ask(server.url);
    expect(fetched).toMatchObject({
      type: 'DocumentFailed',
      data: { url: `${server.url}/`, method: 'POST', status, code, body, duration: expect.any(Number) },
    });
    expect(server.received).toHaveLength(1);
  });

  it('includes compressed answers', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/xml', 'content-encoding': 'gzip' }).end('x');
    });
    expect((await ask(server.url)).data).toMatchObject({ code: 'document.bad-type' });
  });

  it('never keeps a password in the history', async () => {
    const body =
      '<Response><Dial><Sip username="a" password = "hunter2">sip:a@b.example</Sip></Dial></Response>';
    const server = await serveDocument('text/xml', body);
    const fetched = await ask(server.url);
    expect(fetched).toMatchObject({ data: { code: 'document.unsupported-attribute' } });
    expect(JSON.stringify(fetched)).not.toContain('hunter2');
  });

  it.each([
    ['/voice', 'document.bad-url'],
    ['ftp://example.com/', 'document.bad-url'],
    ['', 'document.bad-url'],
    ['http://', 'document.bad-url'],
  ])('includes URLs that are none: %j', async (url, code) => {
    for (const method of ['GET', 'POST'] as const) {
      expect(await ask(url, { method })).toMatchObject({ type: 'DocumentFailed', data: { url, code } });
    }
  });

  it('includes private addresses', async () => {
    const server = await serveDocument('text/xml', '<Response/>');
    const fetched = await ask(server.url, {}, opening(createFetcher({ allowPrivateNetworks: false })));
    expect(fetched).toMatchObject({ type: 'DocumentFailed', data: { code: 'document.private-address' } });
    expect(fetched.data).not.toHaveProperty('status');
    expect(server.received).toHaveLength(0);
  });

  it('includes an application that does not answer, which is asked once', async () => {
    const server = await serve(() => {});
    expect(await ask(server.url, { timeout: 50 })).toMatchObject({ data: { code: 'document.timeout' } });
    expect(server.received).toHaveLength(1);
  });
});

describe('a connection that fails', () => {
  it('is tried once more, with the same token', async () => {
    const server = await serve((_, response, raw) => {
      if (server.received.length === 1) raw.socket.destroy();
      else response.writeHead(200, { 'content-type': 'text/xml' }).end('<Response/>');
    });
    expect((await ask(server.url)).type).toBe('DocumentFetched');
    const tokens = server.received.map(({ headers }) => headers['i-twilio-idempotency-token']);
    expect(tokens).toEqual(['request-1', 'request-1']);
  });

  it('twice is a failure', async () => {
    const server = await serve((_, __, raw) => void raw.socket.destroy());
    const fetched = await ask(server.url);
    expect(fetched).toMatchObject({ type: 'DocumentFailed', data: { code: 'document.unreachable' } });
    expect(server.received).toHaveLength(2);
  });

  it('is tried again only within the time that is left', async () => {
    const timeouts: (number | undefined)[] = [];
    const fetcher: Fetcher = {
      async fetch({ url, timeout }) {
        timeouts.push(timeout);
        throw new TandemError('document.timeout', { url, phase: 'connect', milliseconds: 5000 });
      },
      close: async () => {},
    };
    let time = 0;
    const now = () => (time += 3000);
    await fetchApplication(request('http://a.example/', { timeout: 8000 }), fetcher, now);
    expect(timeouts).toEqual([8000, 5000]);
    timeouts.length = 0;
    await fetchApplication(request('http://a.example/', { timeout: 3000 }), fetcher, now);
    expect(timeouts).toEqual([3000]);
  });
});
