import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { parse } from 'yaml';
import { hearEachOther, talk } from './harness/conversation.ts';
import { ACCOUNT, AUTH_TOKEN } from './harness/network.ts';
import { CALLEE, CALLEE_HANGS_UP, CARRIER, CARRIER_HANGS_UP, carrierRefused } from './harness/peers.ts';
import { callFrom, openPhone, picksUp } from './harness/phone-peer.ts';
import { TandemProcess } from './harness/process.ts';
import { hears, sine, soundsOf } from './harness/sound.ts';
import { MAIN, type World } from './harness/world.ts';
import { type WorldStage, worldScenarios } from './harness/world-stage.ts';

// S15: a number with no application is answered inside its region, also while the main region cannot be reached.

const DESK = '+442079460110';
const ANNOUNCEMENT = '+442079460111';

const scenario = worldScenarios({
  regions: {
    uk1: {
      place: 'london',
      prefixes: ['+44'],
      config: {
        staticNumbers: [
          { number: DESK, account: ACCOUNT, dial: '+442079460000' },
          {
            number: ANNOUNCEMENT,
            account: ACCOUNT,
            twiml: '<Response><Say>We are closed. Please call again tomorrow.</Say></Response>',
          },
        ],
      },
    },
  },
});

/** What the REST API of the main region says of a call, once it has ended there. */
async function endedInTheApi({ directory }: World, sid: string): Promise<Record<string, unknown>> {
  const { api } = parse(await readFile(join(directory, `${MAIN}.yaml`), 'utf8'));
  const authorization = `Basic ${Buffer.from(`${ACCOUNT}:${AUTH_TOKEN}`).toString('base64')}`;
  for (;;) {
    const url = `http://${api.listen}/2010-04-01/Accounts/${ACCOUNT}/Calls/${sid}.json`;
    const answer = await fetch(url, { headers: { authorization } });
    const call = (await answer.json()) as Record<string, unknown>;
    if (call.status === 'completed') return call;
    await setTimeout(50);
  }
}

/** The call has ended as the region saw it, and neither an application nor a router was asked. */
async function ranInItsRegion(stage: WorldStage, to: string): Promise<void> {
  const [call, ...others] = await stage.calls();
  expect(others).toEqual([]);
  expect(call).toMatchObject({ state: 'ended', reason: 'completed' });
  expect(call!.lastFailure).toBeUndefined();
  expect(await endedInTheApi(stage.world, call!.sid)).toMatchObject({ to, status: 'completed' });
  const events = await stage.events();
  expect(new Set(events.map(({ region }) => region))).toEqual(new Set(['uk1']));
  expect(stage.world.application.requests).toEqual([]);
}

scenario('the main region is dead when it is called, and back before it ends', {}, async (stage) => {
  const { world } = stage;
  await world.main!.kill();
  await world.regions.get('uk1')!.logged(({ msg }) => msg.startsWith('link: not there'));
  const callee = await stage.callee('uk1', CALLEE_HANGS_UP);
  const caller = await stage.carrier('uk1', CARRIER, { number: DESK });
  await talk(caller, callee);
  caller.audio.press('42#');
  await callee.audio.until(() => callee.audio.keys === '42#');
  // Whatever needs an application is refused as before.
  await (await stage.carrier('uk1', carrierRefused(503))).finished();

  await world.startMain();
  await stage.happened(({ type }) => type === 'BridgeRequested');
  await hearEachOther(caller, callee);
  await callee.go('bye');
  await Promise.all([caller.finished(), callee.finished()]);
  await ranInItsRegion(stage, DESK);
});

scenario('the link is cut when it is called, and mended after it has ended', {}, async (stage) => {
  const { distance, regions } = stage.world;
  await distance.cut(MAIN, 'uk1');
  const callee = await stage.callee('uk1', CALLEE);
  const caller = await stage.carrier('uk1', CARRIER_HANGS_UP, { number: DESK });
  await talk(caller, callee);
  await caller.go('bye');
  await Promise.all([caller.finished(), callee.finished()]);
  expect(await stage.events()).toEqual([]);
  await distance.mend(MAIN, 'uk1');
  await ranInItsRegion(stage, DESK);
  expect(regions.get('uk1')!.exited).toBe(false);
});

scenario('the gateway is killed in mid-call, while the main region is dead', {}, async (stage) => {
  const { world } = stage;
  const [desk, phone] = [
    await openPhone('+442079460000', world.ports.uk1!.carrier),
    await openPhone('+442079461234'),
  ];
  try {
    await world.main!.kill();
    const answered = picksUp(desk);
    const ann = await callFrom(phone, `sip:${DESK}@127.0.0.1:${world.ports.uk1!.sip}`);
    const bob = await answered;
    ann.audio.say(sine(1300, 300));
    bob.audio.say(sine(850, 300));
    await Promise.all([hears(ann, 850), hears(bob, 1300)]);

    await world.regions.get('uk1')!.kill();
    const file = join(world.directory, 'uk1.yaml');
    world.regions.set('uk1', await TandemProcess.start(['region', file], 'region runs'));
    for (const { audio } of [ann, bob]) audio.forget();
    await Promise.all([hears(ann, 850), hears(bob, 1300)]);
    await world.startMain();
    await bob.call.hangUp();
    await ann.ended;
    await ranInItsRegion(stage, DESK);
  } finally {
    await Promise.all([phone.close(), desk.close()]);
  }
});

scenario('the main region is there, and leaves it to the region', {}, async (stage) => {
  const caller = await stage.carrier('uk1', CARRIER, { number: ANNOUNCEMENT });
  await caller.finished();
  expect(soundsOf(caller.audio.heard)).toContain('speech');
  await ranInItsRegion(stage, ANNOUNCEMENT);
});
