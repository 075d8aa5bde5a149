import { describe, expect, it } from '@jest/globals';
import { type Records, records } from '../testing/records.ts';
import type { TransportName } from '../transport/flow.ts';
import { hopOf } from '../transport/hop.ts';
import { planTargets } from './plan-targets.ts';
import type { NaptrRecord, SipResolver, SrvRecord } from './sip-resolver.ts';

const naptr = (order: number, preference: number, service: string, replacement: string): NaptrRecord => ({
  order,
  preference,
  flags: 's',
  service,
  replacement,
});

const srv = (priority: number, weight: number, port: number, name: string): SrvRecord => ({
  priority,
  weight,
  port,
  name,
});

const plan = async (
  uri: string,
  held: Records | SipResolver,
  {
    transports = ['udp', 'tcp', 'tls'] as TransportName[],
    random = (): number => 0,
    asked = [] as string[],
  } = {},
): Promise<string[]> => {
  const resolver =
    'naptr' in held && typeof held.naptr === 'function' ? held : records(held as Records, asked);
  const targets = await planTargets(hopOf(uri)!, {
    transports,
    random,
    resolver: resolver as SipResolver,
  });
  return targets.map(({ transport, address, port }) => `${transport} ${address}:${port}`);
};

const addresses = {
  'example.com': ['192.0.2.1'],
  'a.example.com': ['192.0.2.10', '192.0.2.11'],
  'b.example.com': ['192.0.2.20'],
};

describe('the targets of a host name', () => {
  it('with a port are its addresses, and nothing else is asked', async () => {
    const asked: string[] = [];
    expect(await plan('sip:x@a.example.com:5080', { addresses }, { asked })).toEqual([
      'udp 192.0.2.10:5080',
      'udp 192.0.2.11:5080',
    ]);
    expect(asked).toEqual(['A a.example.com']);
  });

  it('with a transport are what SRV says of that transport, by priority', async () => {
    const asked: string[] = [];
    const held = {
      srv: {
        '_sip._tcp.example.com': [srv(20, 0, 5062, 'b.example.com'), srv(10, 0, 5061, 'a.example.com')],
      },
      addresses,
    };
    expect(await plan('sip:x@example.com;transport=tcp', held, { asked })).toEqual([
      'tcp 192.0.2.10:5061',
      'tcp 192.0.2.11:5061',
      'tcp 192.0.2.20:5062',
    ]);
    expect(asked.filter((question) => !question.startsWith('A '))).toEqual(['SRV _sip._tcp.example.com']);
  });

  it('without a transport are what NAPTR says of what we have, best first', async () => {
    const held = {
      naptr: {
        'example.com': [
          naptr(20, 1, 'SIP+D2U', 'udp.example.com'),
          naptr(10, 2, 'SIP+D2T', 'tcp.example.com'),
          naptr(10, 1, 'SIPS+D2T', 'tls.example.com'),
          naptr(1, 1, 'SIP+D2S', 'sctp.example.com'),
          { ...naptr(1, 1, 'E2U+sip', ''), flags: 'u' },
        ],
      },
      srv: {
        'udp.example.com': [srv(1, 1, 5060, 'a.example.com')],
        'tcp.example.com': [srv(1, 1, 5070, 'b.example.com')],
        'tls.example.com': [srv(1, 1, 5071, 'b.example.com')],
      },
      addresses,
    };
    const all = ['tls 192.0.2.20:5071', 'tcp 192.0.2.20:5070', 'udp 192.0.2.10:5060', 'udp 192.0.2.11:5060'];
    expect(await plan('sip:x@example.com', held)).toEqual(all);
    expect(await plan('sip:x@example.com', held, { transports: ['udp'] })).toEqual(all.slice(2));
    // Secure is secure all the way (RFC 3263, section 4.1).
    expect(await plan('sips:x@example.com', held)).toEqual(all.slice(0, 1));
  });

  it('without NAPTR are what SRV says, of UDP before TCP before TLS', async () => {
    const held = {
      srv: {
        '_sips._tcp.example.com': [srv(1, 1, 5061, 'b.example.com')],
        '_sip._tcp.example.com': [srv(1, 1, 5060, 'b.example.com')],
        '_sip._udp.example.com': [srv(1, 1, 5060, '.')],
      },
      addresses,
    };
    expect(await plan('sip:x@example.com', held)).toEqual(['tcp 192.0.2.20:5060', 'tls 192.0.2.20:5061']);
  });

  it('without any record are its addresses at the usual port', async () => {
    expect(await plan('sip:x@example.com', { addresses })).toEqual(['udp 192.0.2.1:5060']);
    expect(await plan('sips:x@example.com', { addresses })).toEqual(['tls 192.0.2.1:5061']);
  });

  it('of one label is a machine of the network', async () => {
    const asked: string[] = [];
    expect(await plan('sip:x@localhost', { addresses: { localhost: ['127.0.0.1'] } }, { asked })).toEqual([
      'udp 127.0.0.1:5060',
    ]);
    expect(asked).toEqual(['A localhost']);
  });

  it('are its addresses when servers do not answer about the rest', async () => {
    const silent = () => Promise.reject(new Error('ETIMEOUT'));
    const resolver = { ...records({ addresses }), naptr: silent, srv: silent };
    expect(await plan('sip:x@example.com', resolver)).toEqual(['udp 192.0.2.1:5060']);
  });

  it('are none when it has no address, and the resolver says why', async () => {
    await expect(plan('sip:x@nobody.example', {})).rejects.toThrow('ENOTFOUND nobody.example');
  });

  it('among equals are drawn by weight', async () => {
    const held = {
      srv: {
        '_sip._udp.example.com': [
          srv(1, 0, 5060, 'example.com'),
          srv(1, 30, 5060, 'a.example.com'),
          srv(1, 70, 5060, 'b.example.com'),
        ],
      },
      addresses,
    };
    const first = async (random: number) =>
      (await plan('sip:x@example.com;transport=udp', held, { random: () => random }))[0];
    expect(await first(0)).toBe('udp 192.0.2.1:5060');
    expect(await first(0.29)).toBe('udp 192.0.2.10:5060');
    expect(await first(0.9)).toBe('udp 192.0.2.20:5060');
  });

  it('are bounded, whatever DNS says', async () => {
    const servers = Array.from({ length: 100 }, (_, at) => srv(at, 0, 5060, `s${at}.example.com`));
    const many = Array.from({ length: 50 }, (_, at) => `192.0.2.${at}`);
    const held = {
      srv: { '_sip._udp.example.com': servers },
      addresses: Object.fromEntries(
        servers.map(({ name }, at) => [name, many.map((one) => one.replace('192', String(at + 1)))]),
      ),
    };
    const asked: string[] = [];
    expect(await plan('sip:x@example.com;transport=udp', held, { asked })).toHaveLength(12);
    expect(asked).toHaveLength(9);
  });
});
