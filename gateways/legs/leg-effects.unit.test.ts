import { describe, expect, it } from '@jest/globals';
import { verifyEvent } from '@tandem/actors/events';
import type { EffectScope } from '@tandem/actors/runtime';
import type { Messages } from '@tandem/proto/generated/events.ts';
import type { CodecName } from '../audio/codecs/codec.ts';
import type { MediaPlane, RemoteMedia } from '../media/plane/media-plane.ts';
import { type MediaStats, noDrops } from '../media/rtp/media-stats.ts';
import { answerOffer } from '../sdp/answer-offer.ts';
import { withDirection } from '../sdp/local-direction.ts';
import { makeOffer } from '../sdp/make-offer.ts';
import type { ClientSession, DialogSession, UserAgent } from '../sip/dialog/session.ts';
import { legEffects } from './leg-effects.ts';
import { firstDescription, LegTable } from './leg-resources.ts';

const SILENCE_LIMIT = 30_000;
const TRUNK_LIMIT = 90_000;
const theirs = makeOffer(firstDescription({ id: 'x', address: '192.0.2.9', port: 4000 }));

function gateway({
  taken = true,
  codecs = undefined as readonly CodecName[] | undefined,
  measured = undefined as MediaStats | undefined,
} = {}) {
  const done: string[] = [];
  const told: { type: string; data: unknown }[] = [];
  const limits: number[] = [];
  const remotes: RemoteMedia[] = [];
  const legs = new LegTable();
  const media = {
    allocate: async ({ id }: { id: string }) => ({ id, address: '192.0.2.1', port: 20_000 }),
    async connect(_id: string, remote: RemoteMedia) {
      done.push('connect');
      remotes.push(remote);
    },
    release: async (id: string) => void done.push(`release ${id}`),
    stats: async () => {
      if (measured === undefined || done.includes('release LE1')) throw new Error('It is not there.');
      return measured;
    },
    sendDigits: (id: string, digits: string) => void done.push(`keys ${id} ${digits}`),
    setSilenceLimit: (_id: string, limit: number) => void limits.push(limit),
  } as unknown as MediaPlane;
  const effects = legEffects({
    legs,
    media,
    userAgent: {} as UserAgent,
    codecs,
    silenceLimit: (trunk) => (trunk === 'carrier' ? TRUNK_LIMIT : SILENCE_LIMIT),
    mediaReach: (_address, trunk) => trunk === 'carrier',
    sourcesOf: (_trunk, host) => ({ latch: 'never', networks: ['203.0.113.0/24', `${host}/32`] }),
    credentials: () => undefined,
    origin: () => undefined,
    listen: () => {},
    turn: async () => {},
  });
  const scope = {
    stream: 'leg-LE1',
    tell: async (type: string, data: unknown) => {
      told.push({ type, data });
      return taken ? { taken, revision: 1, state: '' } : { taken, state: 'ended' };
    },
  } as unknown as EffectScope;
  return { effects, scope, legs, done, told, limits, remotes };
}

describe('ports that are there when the leg is not any more', () => {
  it('are given back', async () => {
    const { effects, scope, legs, done } = gateway({ taken: false });
    await effects.allocate({ type: 'allocate', offer: theirs }, scope);
    expect(done).toEqual(['release LE1']);
    expect(legs.size).toBe(0);
  });

  it('are given back as well when the offer could not be answered', async () => {
    const { effects, scope, legs, done, told } = gateway({ taken: false });
    await effects.allocate({ type: 'allocate', offer: 'nonsense' }, scope);
    expect(told).toMatchObject([{ type: 'MediaRefused', data: { code: 'media.bad-sdp' } }]);
    expect(done).toEqual(['release LE1']);
    expect(legs.size).toBe(0);
  });
});

describe('the codecs of a leg', () => {
  const mLine = (told: { data: unknown }[]) => /^m=.*$/m.exec((told[0]!.data as { sdp: string }).sdp)?.[0];

  it('are offered in the gateway’s order, those that the router wishes for first', async () => {
    const { effects, scope, told } = gateway({ codecs: ['PCMA', 'PCMU', 'opus'] });
    await effects.allocate({ type: 'allocate', codecs: ['opus', 'a codec of the future', 'G722'] }, scope);
    expect(mLine(told)).toBe('m=audio 20000 RTP/AVP 96 8 0 101 102');
    expect(told[0]!.data).not.toHaveProperty('codec');
  });

  it('are chosen as the peer wants, of those that the gateway may use, and the router is told', async () => {
    const { effects, scope, told } = gateway({ codecs: ['G722', 'PCMA'] });
    await effects.allocate({ type: 'allocate', offer: theirs }, scope);
    expect(told).toMatchObject([{ type: 'MediaAllocated', data: { codec: 'PCMA' } }]);
  });
});

describe('the watch over silence', () => {
  it.each([
    ['sendrecv', SILENCE_LIMIT],
    // Where one side speaks media has an eye on its reports.
    ['sendonly', SILENCE_LIMIT],
    ['recvonly', SILENCE_LIMIT],
    ['inactive', 0],
  ] as const)('of a peer that offers %s is %d ms', async (direction, limit) => {
    const { effects, scope, limits, done } = gateway();
    await effects.allocate({ type: 'allocate', offer: theirs }, scope);
    const offer = withDirection(theirs, direction);
    const ours = firstDescription({ id: 'LE1', address: '192.0.2.1', port: 20_000 });
    const answer = answerOffer(offer, ours).sdp;
    await effects.connect({ type: 'connect', offerer: 'peer', offer, answer }, scope);
    expect(limits).toEqual([limit]);
    expect(done).toEqual(['connect']);
  });
});

describe('the watch over silence on a trunk with a limit of its own', () => {
  it('is as long as that says, and off on hold', async () => {
    const { effects, scope, legs, limits } = gateway();
    legs.get('LE1').ours = firstDescription({ id: 'LE1', address: '192.0.2.1', port: 20_000 });
    for (const direction of ['sendrecv', 'inactive'] as const) {
      const offer = withDirection(theirs, direction);
      const answer = answerOffer(offer, legs.get('LE1').ours!).sdp;
      await effects.connect({ type: 'connect', offerer: 'peer', offer, answer, trunk: 'carrier' }, scope);
    }
    expect(limits).toEqual([TRUNK_LIMIT, 0]);
  });
});

describe('a peer whose SDP names an address that may not be reached', () => {
  it('is sent media only once its own has come, by the rule for its leg’s trunk', async () => {
    const { effects, scope, legs, remotes } = gateway();
    legs.get('LE1').ours = firstDescription({ id: 'LE1', address: '192.0.2.1', port: 20_000 });
    const answer = answerOffer(theirs, legs.get('LE1').ours!).sdp;
    const connect = { type: 'connect', offerer: 'peer', offer: theirs, answer } as const;
    await effects.connect({ ...connect, trunk: 'carrier' }, scope);
    await effects.connect({ ...connect, trunk: '' }, scope);
    expect(remotes.map(({ heardFirst }) => heardFirst)).toEqual([undefined, true]);
  });
});

describe('whose media is heard', () => {
  it('is what its trunk and the host that signals say, which media is told', async () => {
    const { effects, scope, legs, remotes } = gateway();
    const held = legs.get('LE1');
    held.ours = firstDescription({ id: 'LE1', address: '192.0.2.1', port: 20_000 });
    held.host = '198.51.100.7';
    const answer = answerOffer(theirs, held.ours).sdp;
    await effects.connect(
      { type: 'connect', offerer: 'peer', offer: theirs, answer, trunk: 'carrier' },
      scope,
    );
    expect(remotes).toMatchObject([{ latch: 'never', networks: ['203.0.113.0/24', '198.51.100.7/32'] }]);
  });
});

describe('a key that came by signalling', () => {
  it('is sent to the partner of the leg that pressed it', () => {
    const { effects, scope, done } = gateway();
    effects.passKey({ type: 'passKey', to: 'LE2', digit: '5' }, scope);
    expect(done).toEqual(['keys LE2 5']);
  });
});

describe('a route that is given up', () => {
  it('is the one that is being tried, or nothing is done', () => {
    const { effects, scope, legs } = gateway();
    let abandoned = 0;
    const client = { abandon: () => void abandoned++ } as unknown as ClientSession;
    Object.assign(legs.get('LE1'), { client, route: 1 });
    effects.abandon({ type: 'abandon', index: 0 }, scope);
    expect(abandoned).toBe(0);
    effects.abandon({ type: 'abandon', index: 1 }, scope);
    expect(abandoned).toBe(1);
  });
});

describe('a leg that is hung up', () => {
  it('gives its ports back while the peer takes its time to answer the BYE', async () => {
    const { effects, scope, legs, done, told } = gateway();
    const answered = Promise.withResolvers<number>();
    legs.get('LE1').session = { over: false, bye: () => answered.promise } as unknown as DialogSession;
    const end = { reason: 'completed', by: 'router' } as const;
    const finished = effects.finish({ type: 'finish', how: 'bye', end }, scope) as Promise<void>;
    await new Promise(setImmediate);
    expect(done).toEqual(['release LE1']);
    expect(told).toEqual([]);
    answered.resolve(200);
    await finished;
    expect(told).toEqual([{ type: 'LegEnded', data: { reason: 'completed', by: 'router' } }]);
  });

  it('says at the end how its media did both ways, by what was counted before its ports were given back', async () => {
    const counted = { receivedPackets: 900, lost: 100, jitter: 4, roundTrip: 60, sentPackets: 1000 };
    const octets = { receivedOctets: 0, sentOctets: 0 };
    const measured = { ...counted, ...octets, remoteLost: -3, remoteJitter: 2, dropped: noDrops() };
    const { effects, scope, legs, told } = gateway({ measured });
    legs.get('LE1').session = { over: false, bye: async () => 200 } as unknown as DialogSession;
    const end = { reason: 'completed', by: 'router' } as const;
    await effects.finish({ type: 'finish', how: 'bye', end }, scope);
    const data = {
      reason: 'completed',
      by: 'router',
      heard: { packets: 1000, lost: 100, jitter: 4, roundTrip: 60, mos: expect.any(Number) },
      told: { packets: 1000, lost: 0, jitter: 2, roundTrip: 60, mos: expect.any(Number) },
    };
    expect(told).toEqual([{ type: 'LegEnded', data }]);
    const { heard, told: reported } = told[0]!.data as Messages['LegEnded'];
    expect(heard!.mos).toBeLessThan(3.5);
    expect(reported!.mos).toBeGreaterThan(4);
    verifyEvent('LegEnded', told[0]!.data);
  });
});
