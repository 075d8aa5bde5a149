import { expect } from '@jest/globals';
import { isSealed } from '@tandem/actors/secrets';
import type { RecordedEvent } from '@tandem/actors/stores/event-store';
import { CARRIER, called, hungUp } from './harness/peers.ts';
import { caller, expectAnswer, scenario } from './harness/sipp-scenario.ts';
import { hears, toneFile } from './harness/sound.ts';
import { scenarios } from './harness/stage.ts';

const test = scenarios();

const PAGES = {
  '/tone.wav': { contentType: 'audio/wav', body: toneFile(620, 2) },
  '/prompt.wav': { contentType: 'audio/wav', body: toneFile(940, 2) },
  // What is pressed before the Gather is in the same document is none of its keys, and is sealed, too.
  '/voice': `<Response><Play>/tone.wav</Play>
      <Gather redact="true" finishOnKey="#" timeout="60" action="/digits"><Play loop="0">/prompt.wav</Play></Gather></Response>`,
  '/digits': '<Response><Hangup/></Response>',
};

/** The keys that are in events, and everything that is. */
const keysIn = (events: readonly RecordedEvent[]) => ({
  keys: events
    .filter(({ type }) => type === 'DigitReceived' || type === 'CallDigitPressed')
    .map(({ data }) => (data as { digit: string }).digit),
  text: JSON.stringify(events.map(({ data }) => data)),
});

test(
  'keys of a Gather that redacts reach its application, and are readable in no store and in no history',
  PAGES,
  async (stage) => {
    const carrier = await stage.carrier(CARRIER);
    await hears(carrier, 620);
    carrier.audio.press('99');
    await hears(carrier, 940);
    carrier.audio.press('73910*#');
    await carrier.finished();
    expect(stage.asked().at(-1)!.params).toMatchObject({ Digits: '73910*', FinishedOnKey: '#' });

    const { network } = stage;
    const [{ sid }] = (await stage.calls()) as unknown as [{ sid: string }];
    for (const events of [await network.centralEvents(), await network.journalEvents()]) {
      const { keys, text } = keysIn(events.filter(({ correlation }) => correlation === sid));
      expect(keys.length).toBeGreaterThanOrEqual(9);
      expect(keys.filter((key) => !isSealed(key) && key !== '#')).toEqual([]);
      expect(text).not.toContain('73910');
    }
    const history = JSON.stringify(await network.api(`/v1/Calls/${sid}/Events?PageSize=100`));
    expect(history).toContain('KeySealingRequested');
    expect(history).not.toMatch(/73910|sealed:1:/);
  },
);

test('so do keys that come in INFO requests', {
  ...PAGES,
  '/voice': PAGES['/voice'].replace('<Play>/tone.wav</Play>', ''),
}, async (stage) => {
  const info = (cseq: number, digit: string) => [
    caller.request('INFO', cseq, { type: 'application/dtmf-relay', body: `Signal=${digit}\nDuration=160` }),
    expectAnswer(200),
  ];
  const carrier = await stage.carrier(
    scenario(...called(), ...info(2, '7'), ...info(3, '3'), ...info(4, '#'), ...hungUp()),
  );
  await carrier.finished();
  expect(stage.asked().at(-1)!.params).toMatchObject({ Digits: '73', FinishedOnKey: '#' });
  const { keys } = keysIn(await stage.network.journalEvents());
  expect(new Set(keys.filter((key) => !isSealed(key)))).toEqual(new Set(['#']));
});
