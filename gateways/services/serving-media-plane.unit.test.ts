import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import type { MediaEvents, MediaPlane } from '../media/plane/media-plane.ts';
import { ServiceTable } from './service-table.ts';
import { ServingMediaPlane } from './serving-media-plane.ts';

/** A media plane that does what it is told and says nothing. */
class Told extends EventEmitter<MediaEvents> {
  readonly told: string[] = [];
  readonly #note = (what: string) => (id: string) => void this.told.push(`${what} ${id}`);
  play = this.#note('play');
  bridge = this.#note('bridge');
  unbridge = this.#note('unbridge');
  release = async (id: string) => this.#note('release')(id);
  connect = async (id: string) => this.#note('connect')(id);
}

function given(offers: ConstructorParameters<typeof ServiceTable>[0]) {
  const told = new Told();
  const services = new ServiceTable(offers);
  const media = new ServingMediaPlane(told as unknown as MediaPlane, services);
  const outcomes: unknown[] = [];
  media.on('played', (id, { outcome, code }) => outcomes.push([id, outcome, code]));
  const sessions = (name: string) => services.loads().find((one) => one.name === name)?.sessions;
  const codec = (id: string, name: string) => media.connect(id, { codec: name } as never);
  return { media, told, outcomes, sessions, codec };
}

const said = (playId: string) => ({ playId, items: [{ speech: { text: 'Hello' } }], loop: 1 });
const tone = (playId: string) => ({ playId, items: [{ tone: { name: 'busy' } }], loop: 1 });
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('speech', () => {
  it('that a gateway does not have fails at once, and what is no speech is played', async () => {
    const { media, told, outcomes } = given({});
    media.play('LE1', said('PL1'));
    media.play('LE1', tone('PL2'));
    await turn();
    expect(outcomes).toEqual([['LE1', 'failed', 'media.no-service']]);
    expect(told.told).toEqual(['play LE1']);
  });

  it('has as many sessions as there is room for, until they are over', async () => {
    const { media, told, outcomes, sessions } = given({ speech: { capacity: 1 } });
    media.play('LE1', said('PL1'));
    media.play('LE2', said('PL2'));
    await turn();
    expect(outcomes).toEqual([['LE2', 'failed', 'media.service-full']]);
    told.emit('played', 'LE1', { playId: 'PL0', outcome: 'stopped' });
    expect(sessions('speech')).toBe(1);
    told.emit('played', 'LE1', { playId: 'PL1', outcome: 'completed' });
    expect(sessions('speech')).toBe(0);
    media.play('LE2', said('PL3'));
    expect(sessions('speech')).toBe(1);
    await media.release('LE2');
    expect(sessions('speech')).toBe(0);
  });

  it('is over when something else is played', () => {
    const { media, sessions } = given({ speech: { capacity: 1 } });
    media.play('LE1', said('PL1'));
    media.play('LE1', said('PL2'));
    expect(sessions('speech')).toBe(1);
    media.play('LE1', tone('PL3'));
    expect(sessions('speech')).toBe(0);
  });
});

describe('a bridge', () => {
  it('of one codec needs nobody', async () => {
    const { media, told, codec } = given({});
    await Promise.all([codec('LE1', 'PCMU'), codec('LE2', 'PCMU')]);
    media.bridge('LE1', 'LE2');
    expect(told.told.at(-1)).toBe('bridge LE1');
  });

  it('of two codecs is transcoded where there is room', async () => {
    const { media, sessions, codec } = given({ transcoding: { capacity: 1 } });
    await Promise.all([codec('LE1', 'PCMU'), codec('LE2', 'PCMA'), codec('LE3', 'opus')]);
    media.bridge('LE1', 'LE2');
    media.bridge('LE2', 'LE1');
    expect(sessions('transcoding')).toBe(1);
    expect(() => media.bridge('LE1', 'LE3')).toThrow(/in use/);
    media.unbridge('LE2');
    expect(sessions('transcoding')).toBe(0);
    media.bridge('LE1', 'LE3');
    expect(sessions('transcoding')).toBe(1);
    await media.release('LE3');
    expect(sessions('transcoding')).toBe(0);
  });

  it('of two codecs is refused where nobody transcodes', async () => {
    const { media, codec } = given({});
    await Promise.all([codec('LE1', 'PCMU'), codec('LE2', 'PCMA')]);
    expect(() => media.bridge('LE1', 'LE2')).toThrow(/no transcoding/);
  });
});
