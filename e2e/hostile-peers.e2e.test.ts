import { setImmediate } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { freePort } from '@tandem/actors/testing/free-port.ts';
import { counts, DIAL, stranger, talkThrough } from './harness/attack.ts';
import { NUMBER, NUMBER_WITH_FALLBACK } from './harness/network.ts';
import { CARRIER, CARRIER_HANGS_UP } from './harness/peers.ts';
import { description, RawSip } from './harness/raw-sip.ts';
import { type Stage, scenarios } from './harness/stage.ts';

// A callee, and a provider, who mean harm, beside a conversation that is not to notice.

const [USER, PASSWORD] = ['trunk-user', 'a-password-of-the-trunk'];
/** A provider that asks for a password, and where a callee may lead us besides. */
const [PROVIDER, ELSEWHERE] = ['127.0.0.3', '127.0.0.9'];
const providerPort = await freePort();
/** From whom the made-up calls are. */
const NOBODY = '+15550666';

const CAPACITY = 60;

const test = scenarios({
  capacity: CAPACITY,
  ports: 80,
  sipNetworks: [`${ELSEWHERE}/32`],
  trunks: (usual) => [
    ...usual,
    {
      name: 'provider',
      allow: [`${PROVIDER}/32`],
      address: `${PROVIDER}:${providerPort}`,
      prefixes: ['+1777'],
      username: USER,
      password: PASSWORD,
      sipUris: 'any',
    },
  ],
});

const CALL_PROVIDER = '<Response><Dial><Number>+17775550142</Number></Dial></Response>';

/** The two who talk call NUMBER; others call the other number, and are connected with the provider. */
const APPLICATION = {
  '/voice': ({ params }: { params: Readonly<Record<string, string>> }) => {
    if (params.From === NOBODY) return '<Response><Gather timeout="60"/></Response>';
    return params.To === NUMBER ? DIAL['/voice'] : CALL_PROVIDER;
  },
};

/** Somebody is connected with the provider, which is the callee of theirs and says what it likes. */
async function withProvider(
  stage: Stage,
  scenario: string,
  run: (provider: RawSip, caller: Awaited<ReturnType<Stage['carrier']>>) => Promise<void>,
): Promise<void> {
  const provider = await RawSip.open(PROVIDER, stage.network.sipPort, providerPort);
  try {
    await run(provider, await stage.carrier(scenario, { number: NUMBER_WITH_FALLBACK }));
  } finally {
    await provider.close();
  }
}

const challenge = (realm: string) => ({
  headers: [
    ['WWW-Authenticate', `Digest realm="${realm}", nonce="n", qop="auth", algorithm=SHA-256`],
  ] as const,
});

test(
  'a callee rings in hundreds of ways and presses hundreds of keys at once',
  APPLICATION,
  async (stage) => {
    const events = await talkThrough(stage, () =>
      withProvider(stage, CARRIER, async (provider, caller) => {
        const invite = await provider.request('INVITE');
        const contact = [['Contact', `<sip:raw@${PROVIDER}:${providerPort}>`]] as const;
        for (let i = 0; i < 400; i++) {
          await provider.reply(invite, i % 2 ? 180 : 183, { phrase: `Ringing ${i}`, headers: contact });
          if (i % 20 === 0) await setImmediate();
        }
        await provider.reply(invite, 200, { headers: contact, content: description(PROVIDER) });
        await provider.request('ACK');
        for (let i = 1; i <= 400; i++) {
          await provider.within(invite, 'INFO', i, {
            type: 'application/dtmf-relay',
            body: 'Signal=5\r\nDuration=100\r\n',
          });
          if (i % 20 === 0) await setImmediate();
        }
        await provider.within(invite, 'BYE', 401);
        await caller.finished();
      }),
    );
    const count = (type: string): number => counts(events)[type] ?? 0;
    // Eight ways of ringing and one more a second, and twenty keys a second, of 400 that take no more than some seconds.
    expect(count('ProgressReceived')).toBeGreaterThan(0);
    expect(count('ProgressReceived')).toBeLessThan(200);
    expect(count('DigitReceived')).toBeGreaterThan(0);
    expect(count('DigitReceived')).toBeLessThan(300);
  },
);

test(
  'a callee that has seen our password’s proof leads us elsewhere, where we are asked again',
  APPLICATION,
  async (stage) => {
    const elsewhere = await RawSip.open(ELSEWHERE, stage.network.sipPort);
    try {
      await talkThrough(stage, () =>
        withProvider(stage, CARRIER_HANGS_UP, async (provider, caller) => {
          await provider.reply(await provider.request('INVITE'), 401, challenge('provider'));
          const invite = await provider.request('INVITE', 1);
          expect(invite.headers.get('Authorization')).toContain(`username="${USER}"`);
          await provider.reply(invite, 200, {
            headers: [
              ['Contact', `<sip:raw@${PROVIDER}:${providerPort}>`],
              ['Record-Route', `<sip:${ELSEWHERE}:${elsewhere.port};lr>`],
            ],
            content: description(PROVIDER),
          });
          await elsewhere.request('ACK');
          await caller.go('bye');
          await caller.finished();
          await elsewhere.reply(await elsewhere.request('BYE'), 401, challenge('provider'));
          await stage.network.region.logged(({ err }) =>
            JSON.stringify(err ?? '').includes('"sip.challenge-not-answered"'),
          );
        }),
      );
      const shown = elsewhere.received.filter(({ headers }) =>
        /authorization/i.test(JSON.stringify([...headers])),
      );
      expect(shown).toEqual([]);
    } finally {
      await elsewhere.close();
    }
  },
);

test(
  'a callee answers hundreds of times after we gave its call up, with routes to others',
  APPLICATION,
  async (stage) => {
    const victim = await stranger(ELSEWHERE);
    try {
      await talkThrough(stage, () =>
        withProvider(stage, CARRIER_HANGS_UP, async (provider, caller) => {
          const invite = await provider.request('INVITE');
          await provider.reply(invite, 180);
          await caller.go('bye');
          await caller.finished();
          await provider.reply(await provider.request('CANCEL'), 200);
          await provider.reply(invite, 487);
          await provider.request('ACK');
          const to = `<sip:x@${ELSEWHERE}:${victim.port};lr>`;
          for (let i = 0; i < 400; i++) {
            await provider.reply(invite, 200, {
              tag: `late${i}`,
              branch: `z9hG4bK-late${i}`,
              headers: [
                ['Contact', to],
                ['Record-Route', to],
              ],
              content: description(PROVIDER),
            });
            if (i % 20 === 0) await setImmediate();
          }
          // They are ended where they came from.
          await provider.reply(await provider.request('BYE'), 200);
        }),
      );
      expect(victim.heard).toBe(0);
    } finally {
      victim.close();
    }
  },
);

test(
  'made-up calls come from the host of another trunk, and are never acknowledged',
  APPLICATION,
  async (stage) => {
    const flood = await RawSip.open('127.0.0.2', stage.network.sipPort);
    try {
      await talkThrough(stage, async ({ sipPort }) => {
        for (let i = 0; i < 500; i++) {
          await flood.invite(
            `sip:${NUMBER}@127.0.0.1:${sipPort}`,
            `flood-${i}`,
            NOBODY,
            description('127.0.0.2'),
          );
          if (i % 20 === 0) await setImmediate();
        }
        await flood.response(503);
        // Others call as if nothing was.
        await withProvider(stage, CARRIER, async (provider, caller) => {
          const invite = await provider.request('INVITE');
          await provider.reply(invite, 200, {
            headers: [['Contact', `<sip:raw@${PROVIDER}:${providerPort}>`]],
            content: description(PROVIDER),
          });
          await provider.request('ACK');
          await provider.within(invite, 'BYE', 1);
          await caller.finished();
        });
        // Of all of them there are as many as one trunk may have that nobody acknowledges.
        const made = (await stage.network.journalEvents()).filter(
          ({ type, data }) => type === 'LegOffered' && (data as { from: string }).from === NOBODY,
        );
        expect(made.length).toBeGreaterThan(0);
        expect(made.length).toBeLessThanOrEqual(CAPACITY / 2);
        for (const { data } of made)
          await flood.hangUp((data as { dialog: { callId: string } }).dialog.callId);
      });
    } finally {
      await flood.close();
    }
  },
);
