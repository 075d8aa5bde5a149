import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { STORE_COMMAND } from './harness/external-store.ts';
import { CARRIER } from './harness/peers.ts';
import { scenarios } from './harness/stage.ts';

// A main region loses its store. What regions shipped is still in their journals, and comes back from there.

// One that `E2E_STORE` names is not a file that could be taken away.
const scenario = scenarios({}, STORE_COMMAND === undefined ? undefined : it.skip);

const HELLO = { '/voice': '<Response><Say>Hello.</Say></Response>' };

scenario('what a main region has lost comes back from the journals', HELLO, async (stage) => {
  const { network } = stage;
  for (let count = 0; count < 3; count++) await (await stage.carrier(CARRIER)).finished();
  await network.settled();
  await network.main.stop();
  for (const ending of ['', '-wal', '-shm'])
    await rm(join(network.directory, 'us1', `events.db${ending}`), { force: true });
  await network.startMain();
  await network.settled();
  await (await stage.carrier(CARRIER)).finished();
  expect((await stage.calls()).map(({ state, reason }) => `${state} ${reason}`)).toEqual(
    Array.from({ length: 4 }, () => 'ended completed'),
  );
  const missing = network.region.log.filter(({ code }) => code === 'link.events-missing');
  expect(missing.map(({ level }) => level)).toEqual(['warn']);
});
