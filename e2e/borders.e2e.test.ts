import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { readRoundTrips } from '@tandem/cli/demo';
import { parse } from 'yaml';
import { talk } from './harness/conversation.ts';
import { CALLEE, CARRIER_HANGS_UP } from './harness/peers.ts';
import type { World } from './harness/world.ts';
import { worldScenarios } from './harness/world-stage.ts';

// Borders know each other and measure how far they are apart; gateways report how their media does (G5, K8).

const account = { sid: `AC${'1'.repeat(32)}`, authToken: 'a-token-that-is-no-secret', name: 'Test' };

const scenario = worldScenarios({
  regions: {
    uk1: { place: 'london', prefixes: ['+44'] },
    de1: { place: 'frankfurt', prefixes: ['+49'] },
  },
  main: () => ({ accounts: [{ ...account, operator: true }] }),
});

interface Regions {
  readonly regions: readonly {
    readonly name: string;
    readonly routes: readonly {
      readonly to: string;
      readonly up: boolean;
      readonly measured: boolean;
      readonly rtt: number;
      readonly load: number;
      readonly mos: number | null;
    }[];
  }[];
}
interface Gateways {
  readonly gateways: readonly {
    readonly region: string;
    readonly healthy: boolean;
    readonly trunks: readonly { readonly heard: { readonly loss: number; readonly mos: number } | null }[];
  }[];
}

/** Asks the API until an answer fits. */
async function until<T, R>(world: World, path: string, fits: (answer: T) => R | undefined): Promise<R> {
  const { api } = parse(await readFile(join(world.directory, 'us1.yaml'), 'utf8')) as {
    api: { listen: string };
  };
  const authorization = `Basic ${Buffer.from(`${account.sid}:${account.authToken}`).toString('base64')}`;
  for (;;) {
    const answer = await fetch(`http://${api.listen}${path}`, { headers: { authorization } });
    const found = fits((await answer.json()) as T);
    if (found !== undefined) return found;
    await setTimeout(50);
  }
}

const way = ({ regions }: Regions, from: string, to: string) =>
  regions.find(({ name }) => name === from)?.routes.find((route) => route.to === to);

scenario(
  'a call between two regions: the way is as far as it is, and its quality is told',
  { '/voice': '<Response><Dial answerOnBridge="true">+4930123456</Dial></Response>' },
  async (stage) => {
    const { world } = stage;
    const other = await stage.callee('de1', CALLEE);
    const caller = await stage.carrier('uk1', CARRIER_HANGS_UP);
    await talk(caller, other);
    const route = await until(world, '/v1/regions', (answer: Regions) => {
      const found = way(answer, 'uk1', 'de1');
      return found?.measured && found.load === 1 && found.mos !== null ? found : undefined;
    });
    expect(route.up).toBe(true);
    expect(route.rtt).toBeGreaterThanOrEqual(readRoundTrips().between('london', 'frankfurt') - 2);
    expect(route.mos).toBeGreaterThan(3);
    const heard = await until(
      world,
      '/v1/gateways',
      ({ gateways }: Gateways) =>
        gateways.find(({ region }) => region === 'de1')?.trunks[0]?.heard ?? undefined,
    );
    expect(heard.mos).toBeGreaterThan(3);
    await caller.go('bye');
    await Promise.all([caller.finished(), other.finished()]);
  },
);

scenario('a region that is killed is missed by its peer and by the main region', {}, async (stage) => {
  const { world } = stage;
  await until(world, '/v1/regions', (answer: Regions) => way(answer, 'uk1', 'de1')?.measured || undefined);
  await world.regions.get('de1')!.kill();
  await until(
    world,
    '/v1/regions',
    (answer: Regions) => way(answer, 'uk1', 'de1')?.up === false || undefined,
  );
  await until(
    world,
    '/v1/gateways',
    ({ gateways }: Gateways) =>
      gateways.find(({ region }) => region === 'de1')?.healthy === false || undefined,
  );
  const lost = (await world.centralEvents()).filter(({ type }) => type === 'PeerLost');
  expect(lost).toMatchObject([{ stream: 'region-uk1', data: { peer: 'de1' } }]);
  await world.startRegion('de1');
  await until(world, '/v1/regions', (answer: Regions) => way(answer, 'uk1', 'de1')?.up || undefined);
});
