import { describe, expect, it } from '@jest/globals';
import { createSealingKey, isSealed } from '@tandem/actors/secrets';
import type { PipeEnd } from '../media/plane/media-plane.ts';
import { pipeEffects } from './pipe-effects.ts';

const END: PipeEnd = {
  address: '127.0.1.1',
  port: 20_000,
  srtp: { cryptoSuite: 'AEAD_AES_256_GCM', keyBase64: 'c2VjcmV0IG1lZGlhIGtleQ==' },
};

/** A gateway's media that has one pipe, and what the pipe's actor was told. */
const gateway = (sealing = createSealingKey()) => {
  const told: [type: string, data: { end: never; code?: string }][] = [];
  const connected: PipeEnd[] = [];
  const media = {
    openPipe: async () => END,
    connectPipe: async (_id: string, end: PipeEnd) => void connected.push(end),
    release: async () => {},
  };
  const effects = pipeEffects(media as never, () => undefined, sealing);
  const scope = (correlation: string) =>
    ({
      stream: 'pipe-PI1',
      event: { correlation },
      tell: async (type: string, data: never) => {
        told.push([type, data]);
        return { taken: true };
      },
    }) as never;
  return { sealing, told, connected, effects, scope };
};

describe('the key of a pipe', () => {
  it('is stored sealed to the gateways of the other end, one of which opens it', async () => {
    const [near, far] = [gateway(), gateway()];
    const sealTo = [createSealingKey().publicKey, far.sealing.publicKey];
    await near.effects.open({ type: 'open', codec: 'PCMU', towards: 'de1', sealTo }, near.scope('CA1'));
    const [type, { end }] = near.told[0]!;
    expect(type).toBe('PipeOpened');
    expect(isSealed((end as { srtpKey: string }).srtpKey)).toBe(true);
    expect(JSON.stringify(near.told)).not.toContain(END.srtp.keyBase64);
    await far.effects.connect({ type: 'connect', peer: end, towards: 'ie1' }, far.scope('CA1'));
    expect(far.connected).toEqual([END]);
    expect(far.told).toEqual([['PipeConnected', {}]]);
  });

  it('opens for nobody else, in no other call, and for no other address', async () => {
    const [near, far] = [gateway(), gateway()];
    const sealTo = [far.sealing.publicKey];
    await near.effects.open({ type: 'open', codec: 'PCMU', towards: 'de1', sealTo }, near.scope('CA1'));
    const { end } = near.told[0]![1];
    const refused = [['PipeRefused', expect.objectContaining({ code: 'runtime.not-opened' })]];
    const connect = async (to: ReturnType<typeof gateway>, callSid: string, changes = {}) => {
      const peer = { ...(end as object), ...changes } as never;
      to.told.length = 0;
      await to.effects.connect({ type: 'connect', peer, towards: 'ie1' }, to.scope(callSid));
      return to.told;
    };
    expect(await connect(gateway(), 'CA1')).toEqual(refused);
    expect(await connect(far, 'CA2')).toEqual(refused);
    expect(await connect(far, 'CA1', { port: 1 })).toEqual(refused);
    expect(far.connected).toEqual([]);
  });

  it('is stored as it is where the other end is of a release that opens none, and taken so from it', async () => {
    const [near, far] = [gateway(), gateway()];
    await near.effects.open({ type: 'open', codec: 'PCMU', towards: 'de1' }, near.scope('CA1'));
    const { end } = near.told[0]![1];
    await far.effects.connect({ type: 'connect', peer: end, towards: 'ie1' }, far.scope('CA1'));
    expect(far.connected).toEqual([END]);
  });
});
