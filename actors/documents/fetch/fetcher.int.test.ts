import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createNameResolver } from '../../dns/name-resolver.ts';
import { ipv4, nameServer } from '../../dns/testing/name-server.ts';
import { isTandemError, type TandemError } from '../../errors/tandem-error.ts';
import { type LocalServer, localServer } from '../testing/local-server.ts';
import { CookieJar } from './cookie-jar.ts';
import { createFetcher, type Fetcher, type FetcherOptions, type FetchRequest } from './fetcher.ts';

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function serve(answer: Parameters<typeof localServer>[0]): Promise<LocalServer> {
  const server = await localServer(answer);
  opened.push(server);
  return server;
}
function fetcherWith(options: Partial<FetcherOptions> = {}): Fetcher {
  const fetcher = createFetcher({ allowPrivateNetworks: true, ...options });
  opened.push(fetcher);
  return fetcher;
}
const get = (url: string, more: Partial<FetchRequest> = {}): FetchRequest => ({
  url,
  method: 'GET',
  headers: () => ({}),
  ...more,
});
const failureOf = (fetching: Promise<unknown>): Promise<TandemError> =>
  fetching.then(
    () => Promise.reject(new Error('it was fetched')),
    (error) => error,
  );

describe('a fetch', () => {
  it('gives status, type and body, whatever the status', async () => {
    const server = await serve((_, response) => {
      response.writeHead(418, { 'content-type': 'text/plain' }).end('short and stout');
    });
    const response = await fetcherWith().fetch(get(`${server.url}/tea?x=1#fragment`));
    expect(response).toMatchObject({ status: 418, contentType: 'text/plain', contentEncoding: '' });
    expect(response.body.toString()).toBe('short and stout');
    expect(server.received[0]).toMatchObject({ method: 'GET', path: '/tea?x=1' });
  });

  it('shows credentials of the URL to who asks for them, and not in the URL', async () => {
    const server = await serve(({ headers }, response) => {
      if (headers.authorization) response.end();
      else response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end('Who are you?');
    });
    await fetcherWith().fetch(get(`http://an%20na:p%40ss@127.0.0.1:${server.port}/a`));
    expect(server.received[0]!.headers).not.toHaveProperty('authorization');
    const { authorization, host } = server.received[1]!.headers;
    expect(authorization).toBe(`Basic ${Buffer.from('an na:p@ss').toString('base64')}`);
    expect(host).toBe(`127.0.0.1:${server.port}`);
  });

  it('answers Digest, with another nonce where the first was too old, and gives up on a wrong password', async () => {
    let nonces = 0;
    const server = await serve(({ headers, path }, response) => {
      const { authorization = '' } = headers;
      if (path === '/right' && authorization.includes('nonce="2"')) return void response.end('in');
      nonces += 1;
      const stale = path === '/right' && nonces > 1 ? ', stale=true' : '';
      const field = `Digest realm="x", nonce="${nonces}", qop="auth", algorithm=SHA-256${stale}`;
      response.writeHead(401, { 'www-authenticate': field }).end();
    });
    const at = (path: string) => `http://anna:secret@127.0.0.1:${server.port}${path}`;
    expect((await fetcherWith().fetch(get(at('/right')))).body.toString()).toBe('in');
    expect(server.received).toHaveLength(3);
    expect((await fetcherWith().fetch(get(at('/wrong')))).status).toBe(401);
    expect(server.received).toHaveLength(5);
  });

  it('keeps credentials within an origin when it is redirected, and cookies on the way', async () => {
    const seen: unknown[] = [];
    const other = await serve(({ headers }, response) => {
      seen.push([headers.authorization, headers.cookie]);
      response.writeHead(401, { 'www-authenticate': 'Basic realm="y"' }).end();
    });
    const server = await serve(({ path, headers }, response) => {
      seen.push([headers.authorization, headers.cookie]);
      if (path === '/a') response.writeHead(307, { location: `${server.url}/b`, 'set-cookie': 's=1' }).end();
      else if (!headers.authorization)
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      else response.writeHead(302, { location: `http://localhost:${other.port}/` }).end();
    });
    const jar = new CookieJar();
    const url = `http://anna:secret@127.0.0.1:${server.port}/a`;
    expect((await fetcherWith().fetch(get(url, { cookies: jar }))).status).toBe(401);
    const basic = `Basic ${Buffer.from('anna:secret').toString('base64')}`;
    expect(seen).toEqual([
      [undefined, undefined],
      [undefined, 's=1'],
      [basic, 's=1'],
      [undefined, undefined],
    ]);
  });

  it('uses connections again', async () => {
    const ports = new Set<number | undefined>();
    const server = await serve((_, response, raw) => {
      ports.add(raw.socket.remotePort);
      response.end('x');
    });
    const fetcher = fetcherWith();
    for (let count = 0; count < 10; count += 1) await fetcher.fetch(get(server.url));
    expect(ports.size).toBeLessThanOrEqual(2); // the next request may come before the last is quite done
  });

  it('reads no more than it may', async () => {
    const server = await serve((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(1000)));
      };
      response.on('drain', more);
      more();
    });
    const error = await failureOf(fetcherWith({ maxBytes: 10_000 }).fetch(get(server.url)));
    expect(error).toMatchObject({ code: 'document.too-large', params: { limit: 10_000 } });
  });

  it('leaves a body unread that nobody wants', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' }).write('endless');
    });
    const response = await fetcherWith().fetch(
      get(server.url, { skipBody: (type) => type === 'audio/mpeg' }),
    );
    expect(response.body).toHaveLength(0);
  });
});

describe('a name server that is silent about one account’s names', () => {
  it('keeps no other account’s documents waiting', async () => {
    const names = await nameServer(({ name, type }) =>
      name.endsWith('evil.test') ? 'silence' : type === 1 ? [ipv4('127.0.0.1')] : [],
    );
    const resolver = createNameResolver({ servers: [names.address], hostsFile: '/nowhere', limit: 600_000 });
    opened.push(names, { close: async () => resolver.close() });
    const server = await serve((_, response) => response.end('x'));
    const fetcher = fetcherWith({
      resolve: resolver.addresses,
      connectTimeout: 600_000,
      totalTimeout: 600_000,
    });
    const stuck = Array.from({ length: 64 }, (_, index) =>
      failureOf(fetcher.fetch(get(`http://x${index}.evil.test:${server.port}/`, { account: 'AC1' }))),
    );
    await names.waitFor(({ name }) => name.endsWith('evil.test'));
    const answer = await fetcher.fetch(get(`http://app.good.test:${server.port}/`, { account: 'AC2' }));
    expect(answer.status).toBe(200);
    await fetcher.close();
    for (const error of await Promise.all(stuck)) expect(error.code).toBe('document.unreachable');
  });
});

describe('a server that fails', () => {
  it('by silence is given up on', async () => {
    const server = await serve(() => {});
    const error = await failureOf(fetcherWith({ totalTimeout: 50 }).fetch(get(server.url)));
    expect(error).toMatchObject({ code: 'document.timeout', params: { phase: 'answer', milliseconds: 50 } });
  });

  it('by silence is waited for no longer than somebody wants it', async () => {
    const asked = Promise.withResolvers<void>();
    const server = await serve(() => asked.resolve());
    const given = new AbortController();
    const fetching = fetcherWith().fetch(get(server.url, { signal: given.signal, account: 'AC1' }));
    await asked.promise;
    given.abort(new Error('the caller hung up'));
    await expect(fetching).rejects.toThrow('the caller hung up');
  });

  it('by trickling its body is given up on', async () => {
    const server = await serve((_, response) => void response.write('<Response>'));
    const error = await failureOf(fetcherWith().fetch(get(server.url, { timeout: 50 })));
    expect(error).toMatchObject({ code: 'document.timeout', params: { phase: 'answer' } });
  });

  it('by not being there is unreachable, as is a name that nobody knows', async () => {
    const server = await localServer(() => {});
    await server.close();
    const fetcher = fetcherWith({ resolve: () => Promise.reject(new Error('no such name')) });
    expect(await failureOf(fetcher.fetch(get(server.url)))).toMatchObject({ code: 'document.unreachable' });
    const error = await failureOf(fetcher.fetch(get('http://nobody.example/')));
    expect(error).toMatchObject({ code: 'document.unreachable', params: { detail: 'no such name' } });
  });

  it('by a name server that says nothing runs into the connect timeout', async () => {
    const fetcher = fetcherWith({ connectTimeout: 50, resolve: () => new Promise(() => {}) });
    const error = await failureOf(fetcher.fetch(get('http://slow.example/')));
    expect(error).toMatchObject({ code: 'document.timeout', params: { phase: 'connect', milliseconds: 50 } });
  });

  it('by not speaking HTTP, or TLS, is unreachable', async () => {
    const gibberish = createServer((socket) =>
      socket.on('error', () => {}).end('220 smtp.example ESMTP\r\n'),
    );
    gibberish.listen(0, '127.0.0.1');
    await once(gibberish, 'listening');
    opened.push({ close: async () => void gibberish.close() });
    const { port } = gibberish.address() as { port: number };
    for (const scheme of ['http', 'https']) {
      const error = await failureOf(fetcherWith().fetch(get(`${scheme}://127.0.0.1:${port}/`)));
      expect(error).toMatchObject({ code: 'document.unreachable' });
    }
  });

  it('never shows credentials in the error', async () => {
    const server = await localServer(() => {});
    await server.close();
    const error = await failureOf(fetcherWith().fetch(get(`http://anna:hunter2@127.0.0.1:${server.port}/`)));
    expect(error.message).toContain(`http://127.0.0.1:${server.port}/`);
    expect(error.message).not.toMatch(/anna|hunter2/);
  });
});

describe('a redirect', () => {
  it('is followed, by GET unless the server asks for the same method, with headers made for each hop', async () => {
    const server = await serve(({ path }, response) => {
      const next = { '/a': [307, '/b'], '/b': [302, '/c?d=1'] }[path];
      if (next) response.writeHead(next[0] as number, { location: next[1] as string }).end();
      else response.end('there');
    });
    const headers: FetchRequest['headers'] = ({ url, method }) => ({ 'x-hop': `${method} ${url}` });
    const request = get(`${server.url}/a`, { method: 'POST', body: 'k=v', headers });
    const response = await fetcherWith().fetch(request);
    expect(response.url).toBe(`${server.url}/c?d=1`);
    expect(server.received.map(({ method, path, body }) => `${method} ${path} ${body}`)).toEqual([
      'POST /a k=v',
      'POST /b k=v',
      'GET /c?d=1 ',
    ]);
    expect(server.received[2]!.headers['x-hop']).toBe(`GET ${server.url}/c?d=1`);
  });

  it('does not carry credentials to another host', async () => {
    const asking = { 'www-authenticate': 'Basic realm="x"' };
    const other = await serve((_, response) => response.writeHead(401, asking).end());
    const server = await serve(({ headers }, response) => {
      if (headers.authorization) response.writeHead(302, { location: `${other.url}/` }).end();
      else response.writeHead(401, asking).end();
    });
    await fetcherWith().fetch(get(`http://anna:secret@127.0.0.1:${server.port}/`));
    expect(server.received.at(-1)!.headers.authorization).toBeDefined();
    expect(other.received.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it('is followed five times', async () => {
    const server = await serve((_, response) => response.writeHead(302, { location: '/again' }).end());
    const error = await failureOf(fetcherWith().fetch(get(server.url)));
    expect(error).toMatchObject({ code: 'document.too-many-redirects' });
    expect(server.received).toHaveLength(6);
  });

  it.each(['file:///etc/passwd', 'gopher://127.0.0.1/', 'http://'])('to %s is refused', async (location) => {
    const server = await serve((_, response) => response.writeHead(302, { location }).end());
    expect(await failureOf(fetcherWith().fetch(get(server.url)))).toMatchObject({ code: 'document.bad-url' });
  });
});

describe('private networks', () => {
  const PRIVATE = [
    '127.0.0.1',
    'localhost',
    '2130706433',
    '0x7f.1',
    '0.0.0.0',
    '[::1]',
    '[::ffff:127.0.0.1]',
  ];

  it.each(PRIVATE)('are not connected to: %s', async (host) => {
    const server = await serve((_, response) => response.end());
    const fetcher = fetcherWith({ allowPrivateNetworks: false });
    const error = await failureOf(fetcher.fetch(get(`http://${host}:${server.port}/`)));
    expect(error.code).toBe('document.private-address');
    expect(server.received).toHaveLength(0);
  });

  it('are not connected to by TLS either', async () => {
    const fetcher = fetcherWith({ allowPrivateNetworks: false });
    const error = await failureOf(fetcher.fetch(get('https://localhost:1/')));
    expect(error.code).toBe('document.private-address');
  });

  it('are not reached by a redirect', async () => {
    const inside = await serve((_, response) => response.end('secrets'));
    const server = await serve((_, response) => {
      response.writeHead(302, { location: `http://127.0.0.2:${inside.port}/` }).end();
    });
    const fetcher = fetcherWith({ allowPrivateNetworks: ['127.0.0.1/32'] });
    const error = await failureOf(fetcher.fetch(get(server.url)));
    expect(error).toMatchObject({ code: 'document.private-address', params: { address: '127.0.0.2' } });
    expect(inside.received).toHaveLength(0);
  });

  it('are not reached by a name that has changed its address meanwhile', async () => {
    const server = await serve((_, response) => response.writeHead(200, { connection: 'close' }).end('x'));
    const addresses = ['127.0.0.1', '127.0.0.2'];
    const resolve = async () => [{ address: addresses.shift()!, family: 4 }];
    const fetcher = fetcherWith({ allowPrivateNetworks: ['127.0.0.1/32'], resolve });
    expect(await fetcher.fetch(get(`http://moves.example:${server.port}/`))).toMatchObject({ status: 200 });
    const error = await failureOf(fetcher.fetch(get(`http://moves.example:${server.port}/`)));
    expect(error).toMatchObject({ code: 'document.private-address', params: { address: '127.0.0.2' } });
    expect(server.received).toHaveLength(1);
  });

  it('are not reached by a name that has a public address as well', async () => {
    const resolve = async () => [
      { address: '192.0.2.1', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ];
    const fetcher = fetcherWith({ allowPrivateNetworks: ['192.0.2.0/24'], resolve });
    const error = await failureOf(fetcher.fetch(get('http://both.example/')));
    expect(isTandemError(error, 'document.private-address')).toBe(true);
  });
});

describe('closing', () => {
  it('ends what is under way', async () => {
    const fetcher = createFetcher({ allowPrivateNetworks: true });
    const server = await serve(() => void fetcher.close());
    expect(await failureOf(fetcher.fetch(get(server.url)))).toMatchObject({ code: 'document.unreachable' });
    expect(await failureOf(fetcher.fetch(get(server.url)))).toMatchObject({ code: 'document.unreachable' });
  });
});
