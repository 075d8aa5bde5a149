import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { TandemError } from '../../errors/tandem-error.ts';
import { derivedUuid } from '../../events/derived-id.ts';
import type { LinkCommand } from '../../link/command-outbox.ts';
import {
  type Answer,
  application,
  ended,
  GATEWAY,
  happened,
  offered,
  openTestRouter,
  shipped,
  stream,
  type TestRouterOptions,
  types,
} from '../testing/test-router.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

function router(options?: TestRouterOptions) {
  const own = openTestRouter(options);
  opened.push(own);
  return own;
}

describe('a call router', () => {
  it('stores what a call hears together with the event that it follows from', async () => {
    const { calls, store } = router();
    const append = jest.spyOn(store, 'append');
    await calls.take(GATEWAY, [offered('1')]);
    const [leg, call] = append.mock.calls;
    expect([leg![0], call![0]]).toEqual(['leg-LE1', 'call-CA1']);
    expect(call![3]?.after).toEqual([append.mock.results[0]!.value]);
  });

  it('tells a call nothing of what another region says of its leg, and others what concerns them', async () => {
    const { calls, store } = router();
    await calls.take(GATEWAY, [offered('1')]);
    const before = await types(store, 'call-CA1');
    await calls.take({ region: 'de1', gateway: 'gw1' }, [{ ...ended('1', 1), region: 'de1' }]);
    await calls.take(GATEWAY, [offered('2')]);
    expect(await types(store, 'call-CA1')).toEqual(expect.not.arrayContaining(['CallLegLeft']));
    expect((await types(store, 'call-CA1')).slice(0, before.length)).toEqual(before);
    expect((await types(store, 'call-CA2'))[0]).toBe('CallReceived');
  });

  it('tells a call of an event that was stored in part before', async () => {
    const { calls, store } = router();
    const [first, last] = [offered('1'), ended('1', 1)];
    await store.append('leg-LE1', 'no-stream', [first]);
    await calls.take(GATEWAY, [first, last]);
    expect(await types(store, 'leg-LE1')).toEqual(['LegOffered', 'LegEnded']);
    const heard = await types(store, 'call-CA1');
    expect(heard[0]).toBe('CallReceived');
    expect(heard).toContain('CallLegLeft');
  });

  it('refuses a call that its account may not have, says why, and takes the next when there is room', async () => {
    const { calls, store, commands } = router({
      document: '<Response><Pause length="60"/></Response>',
      limits: { calls: 1 },
    });
    await calls.take(GATEWAY, [offered('1'), offered('2')]);
    const [refused] = await stream(store, 'call-CA2');
    expect(refused).toMatchObject({
      type: 'CallReceived',
      data: { accountSid: 'AC1', refused: { code: 'account.too-many-calls', status: 486 } },
    });
    expect(refused!.data).not.toHaveProperty('application');
    expect(commands).toMatchObject([
      { stream: 'leg-LE2', type: 'HangupRequested', data: { reason: 'rejected', status: 486 } },
    ]);
    await calls.take(GATEWAY, [ended('1', 1)]);
    await calls.take(GATEWAY, [offered('3')]);
    expect((await stream(store, 'call-CA3'))[0]!.data).toHaveProperty('application');
  });

  it('dials nobody whom the account may not call, and says as whom it has no right to call', async () => {
    const dial = (to: string) => `<Dial callerId="+442079460000"><Number>${to}</Number></Dial>`;
    const { calls, store, commands } = router({
      document: `<Response>${dial('+882161234567')}${dial('+15550142')}</Response>`,
      limits: {},
    });
    await calls.take(GATEWAY, [offered('1')]);
    await happened(store, 'call-CA1', 'CallLegPlaced');
    expect(await stream(store, 'call-CA1')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          type: 'CallLegLeft',
          data: expect.objectContaining({ reason: 'rejected', code: 'account.destination-not-allowed' }),
        }),
      ]),
    );
    expect(commands).toContainEqual(
      expect.objectContaining({
        type: 'LegRequested',
        data: expect.objectContaining({ to: '+15550142', foreignCallerId: true }),
      }),
    );
  });

  it('stores what a leg journalled, and begins its call', async () => {
    const { calls, store } = router();
    const offer = offered('1');
    await calls.take(GATEWAY, [offer]);
    expect(await stream(store, 'leg-LE1')).toMatchObject([{ id: offer.id, revision: 0, region: 'ie1' }]);
    const [received] = await stream(store, 'call-CA1');
    expect(received).toMatchObject({
      type: 'CallReceived',
      id: derivedUuid(offer.id, 'call us1/r1'),
      cause: offer.id,
      correlation: 'CA1',
      data: { callSid: 'CA1', legId: 'LE1', accountSid: 'AC1', application },
    });
  });

  it('stores a document once that its application gives again and again', async () => {
    const waiting = `<!-- ${'x'.repeat(20_000)} -->`;
    const { calls, store } = router({
      document: `<Response>${waiting}<Redirect>https://app.example/again</Redirect></Response>`,
    });
    await calls.take(GATEWAY, [offered('1')]);
    // It is ended after a hundred of them.
    const fetched = async () =>
      (await stream(store, 'call-CA1')).filter(({ type }) => type === 'DocumentFetched');
    while ((await fetched()).length < 101) await new Promise(setImmediate);
    const answers = await fetched();
    expect(answers.filter(({ data }) => (data as { body: string }).body.includes(waiting))).toHaveLength(1);
    expect(JSON.stringify(answers).length).toBeLessThan(100_000);
  });

  it('hears what is shipped twice once', async () => {
    const { calls, store } = router();
    const offer = offered('1');
    await calls.take(GATEWAY, [offer]);
    await happened(store, 'call-CA1', 'DocumentFetched');
    const before = await types(store, 'call-CA1');
    await calls.take(GATEWAY, [offer]);
    expect(await types(store, 'call-CA1')).toEqual(before);
    expect(await types(store, 'leg-LE1')).toEqual(['LegOffered']);
  });

  it('ends what a gateway’s new process has never heard of, and asks each process once', async () => {
    const lost = { accepted: false, code: 'sip.no-such-leg', message: '' };
    const { calls, store, commands } = router({
      document: '<Response><Pause length="60"/></Response>',
      answer: ({ type, stream }) => (type === 'Sought' && stream === 'leg-LE1' ? lost : { accepted: true }),
    });
    await calls.take(GATEWAY, [offered('1'), offered('2')]);
    for (const call of ['call-CA1', 'call-CA2']) await happened(store, call, 'DocumentFetched');
    const peer = { ...GATEWAY, node: 'ie1-2', version: '1' };
    await calls.met(peer);
    await calls.met(peer);
    expect(commands.filter(({ type }) => type === 'Sought').map(({ stream }) => stream)).toEqual([
      'leg-LE1',
      'leg-LE2',
    ]);
    expect((await stream(store, 'leg-LE1')).at(-1)).toMatchObject({
      type: 'LegEnded',
      data: { reason: 'failed', by: 'router' },
    });
    expect((await happened(store, 'call-CA1', 'CallEnded')).data).toMatchObject({ reason: 'failed' });
    expect(await types(store, 'call-CA2')).not.toContain('CallLegLeft');
    // What the gateway still says of it, from an older copy of its journal, changes nothing.
    await calls.take(GATEWAY, [ended('1', 1)]);
    expect(await types(store, 'leg-LE1')).toEqual(['LegOffered', 'LegEnded']);
  });

  it('says which legs are not a gateway’s any more, from when another one is to take them', async () => {
    const { calls, system } = router({ document: '<Response><Pause length="60"/></Response>' });
    await calls.take(GATEWAY, [offered('1'), offered('2')]);
    const gw2 = { region: GATEWAY.region, gateway: 'gw2' };
    const legs = ['1', '2', 'other'].map((name) => ({ callSid: `CA${name}`, legId: `LE${name}` }));
    const taken = async () => [await calls.taken(GATEWAY, legs), await calls.taken(gw2, legs.slice(0, 1))];
    expect(await taken()).toEqual([[], ['LE1']]);
    await system.tell('call-CA1', { type: 'CallLegMoved', data: { legId: 'LE1', ...gw2 } });
    expect(await taken()).toEqual([['LE1'], []]);
  });

  it('tells a gateway of legs whose events it leaves out, since another one has taken them', async () => {
    const { calls, store, taken } = router();
    await calls.take(GATEWAY, [offered('1')]);
    await happened(store, 'call-CA1', 'DocumentFetched');
    const data = { region: GATEWAY.region, gateway: 'gw2', from: GATEWAY.gateway };
    await store.append('leg-LE1', 0, [{ ...shipped('1', 1, 'LegAdopted', data) }]);
    await calls.take(GATEWAY, [shipped('1', 1, 'DigitReceived', { digit: '1', source: 'rfc4733' })]);
    expect(taken).toEqual([`LE1 from ${GATEWAY.gateway}`]);
    expect(await types(store, 'leg-LE1')).toEqual(['LegOffered', 'LegAdopted']);
    expect(await types(store, 'call-CA1')).not.toContain('CallDigitPressed');
  });

  it('carries commands to the leg, with ids that say what caused them', async () => {
    const { calls, store, commands } = router();
    await calls.take(GATEWAY, [offered('1')]);
    const fetched = await happened(store, 'call-CA1', 'DocumentFetched');
    expect(commands.map(({ type }) => type)).toEqual(['AnswerRequested', 'PlayRequested']);
    expect(commands[0]).toMatchObject({
      to: GATEWAY,
      stream: 'leg-LE1',
      cause: fetched.id,
      correlation: 'CA1',
    });
    expect(new Set(commands.map(({ id }) => id)).size).toBe(2);
  });

  it('goes on hanging a leg up until its region hears of it', async () => {
    let away = 3;
    const unreachable = () =>
      new TandemError('link.region-unreachable', { gateway: 'ie1/gw1', id: '', seconds: 30 });
    const heard = Promise.withResolvers<LinkCommand>();
    const { calls, commands } = router({
      document: '<Response><Hangup/></Response>',
      answer(command) {
        if (command.type === 'HangupRequested' && away-- > 0) throw unreachable();
        if (command.type === 'HangupRequested') heard.resolve(command);
        return { accepted: true };
      },
    });
    await calls.take(GATEWAY, [offered('1')]);
    const { id } = await heard.promise;
    const said = commands.filter(({ type }) => type === 'HangupRequested');
    expect(said.map((one) => one.id)).toEqual([id, id, id, id]);
  });

  it('goes on answering a leg until its region hears of it', async () => {
    let away = 3;
    const heard = Promise.withResolvers<LinkCommand>();
    const { calls, commands } = router({
      document: '<Response><Gather timeout="60"/></Response>',
      answer(command) {
        if (command.type === 'AnswerRequested' && away-- > 0)
          throw new TandemError('link.region-unreachable', { gateway: 'ie1/gw1', id: '', seconds: 30 });
        if (command.type === 'AnswerRequested') heard.resolve(command);
        return { accepted: true };
      },
    });
    await calls.take(GATEWAY, [offered('1')]);
    const { id } = await heard.promise;
    const said = commands.filter(({ type }) => type === 'AnswerRequested');
    expect(said.map((one) => one.id)).toEqual([id, id, id, id]);
  });

  it('does not acknowledge what leaves a gap', async () => {
    const { calls } = router();
    await expect(calls.take(GATEWAY, [ended('1', 3)])).rejects.toMatchObject({
      code: 'link.events-missing',
    });
  });

  it('ends a call that cannot take what its leg says, with the failure in its history, and no other', async () => {
    const { calls, store, errors } = router();
    await calls.take(GATEWAY, [offered('1'), offered('2')]);
    await happened(store, 'call-CA1', 'DocumentFetched');
    await happened(store, 'call-CA2', 'DocumentFetched');
    const broken = shipped('1', 1, 'DigitReceived', { digit: 1, source: 'info' });
    const good = ended('2', 1);
    await calls.take(GATEWAY, [broken, good]);
    expect((await types(store, 'call-CA1')).at(-1)).toBe('CallHangupRequested');
    expect((await types(store, 'leg-LE1')).at(-1)).toBe('EventSetAside');
    expect(await types(store, 'call-CA2')).toContain('CallLegLeft');
    expect(errors).toEqual([]);
    expect((await stream(store, 'call-CA1')).at(-1)!.data).toMatchObject({ reason: 'failed' });
  });

  it('hangs a leg up whose call could not even begin', async () => {
    const plan = {
      loginFor: () => undefined,
      lookUp: () => ({ application: { voiceUrl: 'https://app.example/' } as never }),
    };
    const { calls, commands, errors } = router({ plan });
    await calls.take(GATEWAY, [offered('1')]);
    expect(commands).toMatchObject([
      { stream: 'leg-LE1', type: 'HangupRequested', data: { reason: 'failed' } },
    ]);
    expect(errors).toMatchObject([{ code: 'runtime.invalid-event' }]);
  });

  it('hangs a leg up that outlived its call, and leaves one in peace that ended', async () => {
    const { calls, store, commands } = router({ document: '<Response/>' });
    await calls.take(GATEWAY, [offered('1')]);
    await happened(store, 'call-CA1', 'DocumentFetched');
    await calls.take(GATEWAY, [ended('1', 1)]);
    await happened(store, 'call-CA1', 'CallEnded');
    commands.length = 0;
    await calls.take(GATEWAY, [ended('1', 2)]);
    expect(commands).toEqual([]);
    await calls.take(GATEWAY, [shipped('1', 3, 'DigitReceived', { digit: '1', source: 'info' })]);
    expect(commands).toMatchObject([{ stream: 'leg-LE1', type: 'HangupRequested' }]);
  });
});

describe('an account that is not configured any more', () => {
  it('is asked nothing, signed with nothing: its calls end with an apology, and say why', async () => {
    const { calls, store, asked } = router({ authToken: null });
    await calls.take(GATEWAY, [offered('gone')]);
    expect((await happened(store, 'call-CAgone', 'DocumentFailed')).data).toMatchObject({
      code: 'document.account-gone',
      message: expect.stringContaining('AC1'),
    });
    expect(asked).toEqual([]);
  });
});

describe('a file behind a password', () => {
  it('is named with it to the gateway that plays it, and nowhere in the call’s stream', async () => {
    const document = '<Response><Play>https://anna:hunter2@app.example/a.wav</Play></Response>';
    const sent = Promise.withResolvers<LinkCommand>();
    const answer: Answer = (command) => {
      if (command.type === 'PlayRequested') sent.resolve(command);
      return { accepted: true };
    };
    const { calls, store } = router({ document, answer });
    await calls.take(GATEWAY, [offered('secret')]);
    expect((await sent.promise).data).toMatchObject({
      items: [{ file: { url: 'https://anna:hunter2@app.example/a.wav' } }],
    });
    const events = await stream(store, 'call-CAsecret');
    expect(events.map(({ type }) => type)).toContain('DocumentFetched');
    expect(JSON.stringify(events)).not.toMatch(/hunter2|anna/);
  });
});

describe('a command that does not get to its leg', () => {
  const away: Answer = ({ id, type }) => {
    if (type === 'HangupRequested') return { accepted: true };
    throw new TandemError('link.region-unreachable', { gateway: 'ie1/gw1', id, seconds: 30 });
  };

  it('is a leg that left, when it was to begin one', async () => {
    const { calls, store } = router({
      document: '<Response><Dial>+15550111</Dial></Response>',
      answer: away,
    });
    await calls.take(GATEWAY, [offered('1')]);
    const left = await happened(store, 'call-CA1', 'CallLegLeft');
    expect(left.data).toMatchObject({ reason: 'failed', by: 'router' });
  });

  it('is a leg that left, when it was to hang one up that was never begun', async () => {
    const never: Answer = ({ type, stream: to }) =>
      type === 'HangupRequested' && to !== 'leg-LE1'
        ? { accepted: false, code: 'sip.no-such-leg', message: 'It was never begun.' }
        : { accepted: true };
    const { calls, store, errors } = router({
      document: '<Response><Dial>+15550111</Dial></Response>',
      answer: never,
    });
    await calls.take(GATEWAY, [offered('1')]);
    await happened(store, 'call-CA1', 'DocumentFetched');
    await calls.take(GATEWAY, [ended('1', 1)]);
    await happened(store, 'call-CA1', 'CallEnded');
    expect((await types(store, 'call-CA1')).slice(-3)).toEqual(['CallLegLeft', 'CallLegLeft', 'CallEnded']);
    expect(errors).toEqual([]);
  });

  it('is a play that failed, so that the call goes on', async () => {
    const { calls, store } = router({ answer: away });
    await calls.take(GATEWAY, [offered('1')]);
    const played = await happened(store, 'call-CA1', 'CallPlayFinished');
    expect(played.data).toMatchObject({ outcome: 'failed', code: 'link.region-unreachable' });
    expect(await happened(store, 'call-CA1', 'ActionFailed')).toMatchObject({ data: { action: 'command' } });
  });

  it('is as good as heard when the leg has moved on', async () => {
    const { calls, store, errors } = router({ answer: () => ({ accepted: false }) });
    await calls.take(GATEWAY, [offered('1')]);
    await happened(store, 'call-CA1', 'DocumentFetched');
    await calls.take(GATEWAY, [ended('1', 1)]);
    expect(await types(store, 'call-CA1')).not.toContain('ActionFailed');
    expect(errors).toEqual([]);
  });
});
