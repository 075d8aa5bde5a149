import { describe, expect, it } from '@jest/globals';
import { MAX_EXPECTED_PEERS, MAX_RATED_SOURCES } from '../message/limits.ts';
import { PeerGuard, STRANGERS } from './peer-guard.ts';

describe('PeerGuard', () => {
  const guard = new PeerGuard([
    { trunk: 'one', addresses: ['192.0.2.1', '198.51.100.0/24', '2001:db8::/32'] },
    { trunk: 'two', addresses: ['192.0.2.2', '198.51.100.7', '203.0.113.4/31'] },
  ]);

  it.each([
    ['192.0.2.1', 'one'],
    ['192.0.2.2', 'two'],
    ['192.0.2.3', undefined],
    ['198.51.100.255', 'one'],
    ['198.51.101.0', undefined],
    // The first trunk that lists it.
    ['198.51.100.7', 'one'],
    ['203.0.113.5', 'two'],
    ['203.0.113.6', undefined],
    ['2001:db8:ffff::1', 'one'],
    ['2001:db9::1', undefined],
    ['sip.example.com', undefined],
    ['', undefined],
  ])('%s belongs to trunk %s', (address, trunk) => {
    expect(guard.peersAt(address)?.trunk).toBe(trunk);
  });

  it('hears nobody when no trunk is configured', () => {
    expect(new PeerGuard([]).peersAt('127.0.0.1')).toBeUndefined();
  });

  it.each([
    'sip.example.com',
    '192.0.2.0/33',
    '2001:db8::/129',
    '192.0.2.1/',
    '192.0.2.1/-1',
    '192.0.2.256',
    '',
  ])('refuses %j in a list', (address) => {
    expect(() => new PeerGuard([{ trunk: 'carrier', addresses: [address] }])).toThrow(
      /The trunk carrier lists/,
    );
  });

  describe('as to addresses in no list', () => {
    it('hears one while anybody expects it, also when it was heard before', () => {
      const guard = new PeerGuard([{ trunk: 'one', addresses: ['192.0.2.1'] }]);
      const [first, second] = [guard.expect('192.0.2.9')!, guard.expect('192.0.2.9')!];
      expect(guard.peersAt('192.0.2.9')).toBe(STRANGERS);
      guard.takeOne('192.0.2.9', STRANGERS);
      first();
      expect(guard.peersAt('192.0.2.9')).toBe(STRANGERS);
      second();
      expect(guard.peersAt('192.0.2.9')).toBeUndefined();
    });

    it('expects none that is listed or no address', () => {
      const guard = new PeerGuard([{ trunk: 'one', addresses: ['192.0.2.1'] }]);
      expect([guard.expect('192.0.2.1'), guard.expect('sip.example.com')]).toEqual([undefined, undefined]);
      expect(guard.peersAt('192.0.2.1')?.trunk).toBe('one');
    });

    it('expects no more than so many', () => {
      const guard = new PeerGuard([]);
      const address = (index: number) => `10.1.${index >> 8}.${index & 255}`;
      for (let index = 0; index < MAX_EXPECTED_PEERS; index++) guard.expect(address(index));
      expect(guard.expect('192.0.2.1')).toBeUndefined();
      expect(guard.expect(address(0))).toBeDefined();
    });
  });

  describe('as to rates', () => {
    const peers = { trunk: 'slow', addresses: ['192.0.2.0/24'], messagesPerSecond: 10 };
    const rated = () => {
      const clock = { now: 0 };
      const guard = new PeerGuard([peers], () => clock.now);
      return { clock, take: (address: string) => guard.takeOne(address, peers) };
    };

    it('lets a burst of one second through, then says how long to wait', () => {
      const { clock, take } = rated();
      const waits = Array.from({ length: 11 }, () => take('192.0.2.1'));
      expect(waits).toEqual([...Array(10).fill(0), 100]);
      clock.now = 50;
      expect(take('192.0.2.1')).toBeCloseTo(50);
      clock.now = 100;
      expect([take('192.0.2.1'), take('192.0.2.1')]).toEqual([0, 100]);
    });

    it('gains no more than a second of burst in silence', () => {
      const { clock, take } = rated();
      clock.now = 1_000_000;
      expect(Array.from({ length: 11 }, () => take('192.0.2.1')).filter((wait) => wait > 0)).toHaveLength(1);
    });

    it('counts each source apart', () => {
      const { take } = rated();
      for (let i = 0; i < 10; i++) take('192.0.2.1');
      expect([take('192.0.2.1') > 0, take('192.0.2.2')]).toEqual([true, 0]);
    });

    it('forgets the source first that was not heard for longest', () => {
      const { take } = rated();
      for (const address of ['quiet', 'loud']) for (let i = 0; i < 10; i++) take(address);
      for (let i = 0; i < MAX_RATED_SOURCES - 1; i++) {
        take(`other ${i}`);
        take('loud');
      }
      expect([take('loud') > 0, take('quiet')]).toEqual([true, 0]);
    });
  });
});
