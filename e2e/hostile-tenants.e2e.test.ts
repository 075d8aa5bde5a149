import { afterAll, expect } from '@jest/globals';
import { DIAL, talkThrough } from './harness/attack.ts';
import { broken, chance } from './harness/broken.ts';
import { NameServer } from './harness/name-server.ts';
import { NUMBER, NUMBER_OF_OTHERS, NUMBER_WITH_FALLBACK } from './harness/network.ts';
import { CARRIER } from './harness/peers.ts';
import { description, RawSip } from './harness/raw-sip.ts';
import { hearsSpeech } from './harness/sound.ts';
import { type Stage, scenarios } from './harness/stage.ts';

// Another account, and whoever writes its documents, beside a conversation that is not to notice.

const nameServer = await NameServer.open('.black-hole.test');
afterAll(() => nameServer.close());

const test = scenarios({ ports: 80, nameServer: nameServer.address });

/** Who calls the other account. */
const [CROWD, NOBODY] = ['127.0.0.2', '+15550666'];

/** The other account is called so often at once; the calls are hung up when the attack is over, if they still are there. */
async function withCrowd(stage: Stage, size: number, run: () => Promise<void>): Promise<void> {
  const crowd = await RawSip.open(CROWD, stage.network.sipPort);
  crowd.answers.add('BYE');
  const calls = Array.from({ length: size }, (_, i) => `crowd-${i}-${crowd.port}`);
  try {
    for (const call of calls) {
      const uri = `sip:${NUMBER_OF_OTHERS}@127.0.0.1:${stage.network.sipPort}`;
      await crowd.invite(uri, call, NOBODY, description(CROWD));
      await crowd.acknowledge(call);
    }
    await run();
    for (const call of calls) await crowd.hangUp(call);
    await allEnded(stage, size);
  } finally {
    await crowd.close();
  }
}

/** Resolves when so many legs with the crowd have ended: each that was hung up by us has been answered. */
async function allEnded(stage: Stage, size: number): Promise<void> {
  const crowd = new Set<string>();
  const ended = new Set<string>();
  await stage.happened(({ type, stream, data }) => {
    if (type === 'LegOffered' && (data as { from: string }).from === NOBODY) crowd.add(stream);
    if (type === 'LegEnded' && crowd.has(stream)) ended.add(stream);
    return ended.size === size;
  });
}

/** The account of those who talk has an application besides, at its number with a fallback. */
const beside = (document: string) => ({
  '/voice': ({ params }: { params: Readonly<Record<string, string>> }) =>
    params.To === NUMBER_WITH_FALLBACK ? document : DIAL['/voice'],
});

/** A text that takes minutes to be spoken, and is like no other. */
const novel = (draw: (most: number) => number): string => {
  let text = '';
  while (text.length < 4_070) text += `£${draw(1_000_000)}.${10 + draw(90)}, `;
  return text;
};

const draw = chance(7);

test('another account has novels spoken, of which each holds a thread for seconds: a greeting is heard before them', {
  ...beside('<Response><Say>Please hold the line. Somebody will be with you in a moment.</Say></Response>'),
  '/other': () => `<Response><Say>${novel(draw)}</Say></Response>`,
}, async (stage) => {
  const events = await talkThrough(stage, () =>
    withCrowd(stage, 24, async () => {
      const greeted = await stage.carrier(CARRIER, { number: NUMBER_WITH_FALLBACK });
      await hearsSpeech(greeted);
      await greeted.finished();
    }),
  );
  // They were all to be spoken.
  const novels = events.filter(
    ({ type, data }) => type === 'PlayRequested' && JSON.stringify(data).includes('£'),
  );
  expect(novels).toHaveLength(24);
});

test('another account’s documents are at names about which a name server is silent', {
  ...beside(''),
  '/other': ({ params }) =>
    `<Response><Gather timeout="1"/><Redirect>http://${params.CallSid}.black-hole.test/</Redirect></Response>`,
  '/named': '<Response><Say>Thank you.</Say></Response>',
}, async (stage) => {
  const { port } = new URL(stage.network.application.url);
  await talkThrough(stage, () =>
    withCrowd(stage, 20, async () => {
      await nameServer.silentAboutMany(8);
      stage.network.application.serve((request) =>
        request.path === '/named'
          ? '<Response><Say>Thank you.</Say></Response>'
          : request.params.To === NUMBER
            ? DIAL['/voice']
            : `<Response><Redirect>http://shop.test:${port}/named</Redirect></Response>`,
      );
      const customer = await stage.carrier(CARRIER, { number: NUMBER_WITH_FALLBACK });
      await customer.finished();
      expect(stage.asked().map(({ path }) => path)).toContain('/named');
    }),
  );
});

/** Documents of a call in a minute before it is given up; the first is of another kind. */
const MOST_DOCUMENTS = 100;

/** What no application needs. */
const LONG = `<!-- ${'x'.repeat(4_000)} -->`;

const DOCUMENT =
  '<Response><Gather numDigits="4" timeout="1" action="/fuzz?a=1&amp;b=2"><Say voice="alice">One &lt; two</Say></Gather><Play loop="2">/a.wav</Play><Pause length="1"/></Response>';

test('another account’s documents lead to themselves without end, are long, or are none', {}, async (stage) => {
  const asked = new Map<string, number>();
  const { promise: endless, resolve } = Promise.withResolvers<string>();
  let kinds = 0;
  stage.serve({
    ...DIAL,
    '/other': () =>
      `<Response><Gather timeout="1"/><Redirect>${['/endless', '/slow', '/fuzz'][kinds++ % 3]}</Redirect></Response>`,
    '/endless': ({ params: { CallSid = '' } }) => {
      const times = (asked.get(CallSid) ?? 0) + 1;
      asked.set(CallSid, times);
      if (times === MOST_DOCUMENTS) resolve(CallSid);
      return `<Response><Redirect/>${LONG}</Response>`;
    },
    '/slow': `<Response><Pause length="1"/><Redirect/>${LONG}</Response>`,
    '/fuzz': () => broken(DOCUMENT, draw),
  });
  await talkThrough(stage, () =>
    withCrowd(stage, 24, async () => {
      const callSid = await endless;
      await stage.happened(({ type, correlation }) => type === 'HangupRequested' && correlation === callSid);
    }),
  );
  const failures = (await stage.calls()).map(({ lastFailure }) => lastFailure?.code);
  expect(failures).toContain('document.endless');
  // What is no document is told from others, and ends no call but its own.
  expect(failures.some((code) => /^document\.(?!endless)/.test(code ?? ''))).toBe(true);
  for (const times of asked.values()) expect(times).toBeLessThanOrEqual(MOST_DOCUMENTS);
});
