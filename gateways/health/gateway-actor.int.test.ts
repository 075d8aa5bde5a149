import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ActorSystem } from '@tandem/actors/runtime';
import type { EventStore } from '@tandem/actors/stores/event-store';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import { easedAt, GatewayActor } from './gateway-actor.ts';

const STREAM = 'gateway-ie1-gw1';
const facts = {
  region: 'ie1',
  gateway: 'gw1',
  node: 'ie1/gw1-1',
  version: '0.1.0',
  capacity: 20,
  addresses: [],
  trunks: [],
  kinds: ['sip'],
  codecs: ['PCMU'],
  services: [],
};

let store: EventStore;
let system: ActorSystem;
let actor: GatewayActor;
let admitted: boolean[];

const startSystem = () =>
  new ActorSystem({
    store,
    node: 'ie1/gw1',
    region: 'ie1',
    onError: () => {},
    checkpoints: { load: async () => undefined, save: async () => {} },
  });
const startActor = () =>
  new GatewayActor({
    name: { region: 'ie1', gateway: 'gw1' },
    system,
    capacity: 20,
    admit: (open) => void admitted.push(open),
    onError: (error) => {
      throw error;
    },
  });

beforeEach(() => {
  admitted = [];
  store = openSqliteEventStore({ file: ':memory:' });
  system = startSystem();
  actor = startActor();
});
afterEach(async () => {
  await system.close();
  await store.close();
});

const types = async (): Promise<string[]> =>
  (await Array.fromAsync(store.readStream(STREAM))).map(({ type }) => type);
const command = (type: string) => ({
  id: crypto.randomUUID(),
  stream: STREAM,
  type,
  data: {},
  cause: '',
  correlation: '',
});
const settled = () => system.snapshot(STREAM);

describe('a gateway’s own actor', () => {
  it('says once that the gateway is full, and once that it is not any more', async () => {
    await actor.start(facts);
    for (const legs of [19, 20, 20, 19, 20, easedAt(20), 19, 18]) actor.legs(legs);
    await settled();
    expect(await types()).toEqual(['GatewayStarted', 'GatewayFilled', 'GatewayEased']);
    expect(easedAt(20)).toBe(18);
    expect(easedAt(1)).toBe(0);
  });

  it('drains and resumes by command', async () => {
    await actor.start(facts);
    expect(actor.owns(command('GatewayDrainRequested'))).toBe(true);
    expect(await actor.command(command('GatewayDrainRequested'))).toEqual({ accepted: true });
    expect(await actor.command(command('GatewayDrainRequested'))).toEqual({ accepted: false });
    expect(actor.draining).toBe(true);
    expect(await actor.command(command('GatewayResumed'))).toEqual({ accepted: true });
    expect(actor.draining).toBe(false);
    expect(admitted).toEqual([true, false, true]);
  });

  it('still drains after a restart', async () => {
    await actor.start(facts);
    await actor.command(command('GatewayDrainRequested'));
    await actor.stop('upgrade');
    await system.close();
    system = startSystem();
    actor = startActor();
    await system.recover();
    await actor.start(facts);
    expect(actor.draining).toBe(true);
  });

  it('notices when it resumes that it is full', async () => {
    await actor.start(facts);
    await actor.command(command('GatewayDrainRequested'));
    actor.legs(20);
    await actor.command(command('GatewayResumed'));
    await settled();
    expect((await types()).slice(-2)).toEqual(['GatewayResumed', 'GatewayFilled']);
  });

  it('says once that a trunk is lost, and once that it is found', async () => {
    await actor.start({ ...facts, trunks: [{ name: 'carrier', prefixes: [], cost: 0, customerCost: 0 }] });
    for (let count = 0; count < 2; count += 1) actor.trunkLost('carrier', 'sip.timeout', 'Nothing came.');
    expect([...actor.lostTrunks]).toEqual(['carrier']);
    for (let count = 0; count < 2; count += 1) actor.trunkFound('carrier');
    await settled();
    expect(await types()).toEqual(['GatewayStarted', 'TrunkLost', 'TrunkFound']);
  });
});
