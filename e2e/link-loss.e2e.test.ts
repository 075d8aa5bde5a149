import { expect } from '@jest/globals';
import { CALLEE_HANGS_UP, CARRIER } from './harness/peers.ts';
import { hears, sine } from './harness/sound.ts';
import { scenarios } from './harness/stage.ts';

const test = scenarios();

const DIAL = { '/voice': '<Response><Dial><Number>+15550142</Number></Dial></Response>' };

test(
  'a conversation goes on while the main region is away, and ends in order when it is back',
  DIAL,
  async (stage) => {
    const { network } = stage;
    const other = await stage.callee(CALLEE_HANGS_UP);
    const carrier = await stage.carrier(CARRIER);
    carrier.audio.say(sine(1300, 300));
    other.audio.say(sine(850, 300));
    await Promise.all([hears(carrier, 850), hears(other, 1300)]);

    expect(await network.main.stop()).toBe(0);
    await network.region.logged(({ msg }) => msg.startsWith('link: not there'));
    for (const peer of [carrier, other]) peer.audio.forget();
    await Promise.all([hears(carrier, 850), hears(other, 1300)]);

    // What happens meanwhile is journalled in the region.
    await other.go('bye');
    await other.finished();
    await stage.happened(({ type }) => type === 'ByeReceived');
    const unknown = await network.centralEvents();
    expect(unknown.some(({ type }) => type === 'ByeReceived')).toBe(false);

    await network.startMain();
    await carrier.finished();
    expect(await stage.calls()).toMatchObject([
      { state: 'ended', reason: 'completed', legs: [{ reason: 'completed' }, { reason: 'completed' }] },
    ]);
    expect((await network.centralEvents()).some(({ type }) => type === 'ByeReceived')).toBe(true);
  },
);
