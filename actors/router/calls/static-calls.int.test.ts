import { afterEach, describe, expect, it } from '@jest/globals';
import { TandemError } from '../../errors/tandem-error.ts';
import { readCallHistory, replayCall } from '../../history/call-history.ts';
import type { CommandResult, LinkCommand } from '../../link/command-outbox.ts';
import { offeredData } from '../../machines/leg/testing/leg-events.ts';
import { ActorSystem } from '../../runtime/actor-system.ts';
import type { EventStore, NewEvent, Position, RecordedEvent } from '../../stores/event-store/event-store.ts';
import { openSqliteEventStore } from '../../stores/sqlite/sqlite-event-store.ts';
import { StaticCalls, type StaticNumber } from './static-calls.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const GATEWAY = { region: 'ie1', gateway: 'gw1' };
const DIAL = '<Response><Dial answerOnBridge="true">+15550142</Dial></Response>';
const SAY = '<Response><Say>Hello</Say></Response>';
const number = (document: string): StaticNumber => ({ number: '+15550100', accountSid: 'AC1', document });

/** What a process leaves behind: its journal and its checkpoints. */
function disk() {
  const journal = openSqliteEventStore({ file: ':memory:' });
  const saved = new Map<string, Position>();
  opened.push(journal);
  return {
    journal,
    checkpoints: {
      load: async (name: string) => saved.get(name),
      save: async (name: string, position: Position) => void saved.set(name, position),
    },
  };
}

type Answer = (command: LinkCommand) => Promise<CommandResult> | CommandResult;

/** A gateway whose legs are the test: it answers commands as it is told. */
async function gateway(document: string, options: { disk?: ReturnType<typeof disk>; answer?: Answer } = {}) {
  const { journal, checkpoints } = options.disk ?? disk();
  const answer = options.answer ?? (() => ({ accepted: true }));
  const errors: unknown[] = [];
  const commands: LinkCommand[] = [];
  const waiting = new Map<string, (command: LinkCommand) => void>();
  const onError = (error: unknown) => errors.push(error);
  const system = new ActorSystem({ store: journal, checkpoints, node: 'ie1/gw1', region: 'ie1', onError });
  opened.push(system);
  const calls = new StaticCalls({
    ...GATEWAY,
    numbers: [number(document)],
    journal,
    checkpoints,
    system,
    onError,
    command: async (command) => {
      commands.push(command);
      waiting.get(command.type)?.(command);
      return answer(command);
    },
  });
  await system.recover();
  await calls.start();
  return {
    calls,
    system,
    journal,
    commands,
    errors,
    /** The next command of this type. */
    commanded: (type: string): Promise<LinkCommand> => {
      const before = commands.find((command) => command.type === type);
      return before ? Promise.resolve(before) : new Promise((resolve) => waiting.set(type, resolve));
    },
  };
}

let ids = 0;
const event = (type: string, data: object, region = 'ie1'): NewEvent => ({
  id: `20000000-0000-4000-8000-${String(ids++).padStart(12, '0')}`,
  type,
  version: 1,
  time: 1,
  region,
  cause: '',
  correlation: 'CA1',
  data,
});
const offered = (router?: string) =>
  event('LegOffered', { ...offeredData, ...(router !== undefined && { router }) });
const ended = () => event('LegEnded', { reason: 'completed', by: 'peer' });

async function happened(store: EventStore, stream: string, type: string): Promise<RecordedEvent> {
  const found = Promise.withResolvers<RecordedEvent>();
  const subscription = store.subscribeToAll('start', (one) => {
    if (one.stream === stream && one.type === type) found.resolve(one);
  });
  try {
    return await found.promise;
  } finally {
    await subscription.stop();
  }
}

const types = async (store: EventStore): Promise<string[]> =>
  (await Array.fromAsync(store.readStream('call-CA1'))).map(({ type }) => type);

describe('a number without an application', () => {
  it('is told from others, however it is dialled', async () => {
    const { calls } = await gateway(SAY);
    expect(
      ['+15550100', '15550100', '+15550101', 'sip:15550100@example.com'].map((to) => calls.router(to)),
    ).toEqual(['ie1/gw1', 'ie1/gw1', undefined, undefined]);
  });

  it('runs its document, and the call and all its events are in the gateway’s journal', async () => {
    const { journal, commanded, errors } = await gateway(SAY);
    await journal.append('leg-LE1', 'no-stream', [offered('ie1/gw1')]);
    const play = await commanded('PlayRequested');
    expect(play).toMatchObject({ stream: 'leg-LE1', data: { items: [{ speech: { text: 'Hello' } }] } });
    const { playId } = play.data as { playId: string };
    await journal.append('leg-LE1', 0, [event('PlayFinished', { playId, outcome: 'completed' })]);
    await commanded('HangupRequested');
    await journal.append('leg-LE1', 1, [ended()]);
    const over = await happened(journal, 'call-CA1', 'CallEnded');
    expect(over).toMatchObject({ region: 'ie1', correlation: 'CA1', data: { reason: 'completed' } });
    const [received, fetched] = await Array.fromAsync(journal.readStream('call-CA1'));
    expect(received).toMatchObject({
      type: 'CallReceived',
      data: { accountSid: 'AC1', router: 'ie1/gw1', application: { voiceUrl: 'static:+15550100' } },
    });
    expect(fetched).toMatchObject({
      type: 'DocumentFetched',
      data: { url: 'static:+15550100', status: 200, body: SAY, duration: 0 },
    });
    expect(errors).toEqual([]);
    const history = (await readCallHistory(journal, 'CA1'))!;
    expect([...replayCall(history)].at(-1)!.event.type).toBe('CallEnded');
  });

  it('has its callee placed at the same gateway, which is the router that the leg names', async () => {
    const { journal, commanded } = await gateway(DIAL);
    await journal.append('leg-LE1', 'no-stream', [offered('ie1/gw1')]);
    const asked = await commanded('LegRequested');
    expect(asked.data).toMatchObject({ ...GATEWAY, to: '+15550142', router: 'ie1/gw1' });
    await journal.append(asked.stream, 'no-stream', [
      event('LegRequested', asked.data),
      event('AnswerReceived', { dialog: offeredData.dialog, sdp: 'v=0', route: 0, codec: 'PCMU' }),
    ]);
    expect(await commanded('BridgeRequested')).toMatchObject({ correlation: 'CA1' });
  });

  it('tells the caller by its end that the callee could not be had', async () => {
    const answer: Answer = ({ type }) => {
      if (type === 'LegRequested') throw new Error('no socket is left');
      return { accepted: true };
    };
    const { journal, commanded } = await gateway(DIAL, { answer });
    await journal.append('leg-LE1', 'no-stream', [offered('ie1/gw1')]);
    expect(await commanded('HangupRequested')).toMatchObject({ stream: 'leg-LE1' });
    expect(await types(journal)).toContain('CallLegLeft');
  });

  it('leaves the calls to other numbers to routers', async () => {
    const { journal, calls, commands, commanded } = await gateway(SAY);
    await journal.append('leg-LE2', 'no-stream', [
      {
        ...event('LegOffered', { ...offeredData, legId: 'LE2', callSid: 'CA2', router: 'us1/r1' }),
        correlation: 'CA2',
      },
      { ...ended(), correlation: 'CA2' },
    ]);
    await journal.append('leg-LE1', 'no-stream', [offered('ie1/gw1')]);
    await commanded('PlayRequested');
    await journal.append('leg-LE1', 0, [ended()]);
    await calls.close();
    expect(commands.every(({ correlation }) => correlation === 'CA1')).toBe(true);
    expect(await Array.fromAsync(journal.readStream('call-CA2'))).toEqual([]);
  });

  it('is heard after a restart of what its legs did meanwhile, and once', async () => {
    const one = disk();
    const before = await gateway(SAY, { disk: one });
    await one.journal.append('leg-LE1', 'no-stream', [offered('ie1/gw1')]);
    await before.commanded('PlayRequested');
    // As of a power cut: nothing is waited for.
    await before.system.close();
    await one.journal.append('leg-LE1', 0, [ended()]);
    await gateway(SAY, { disk: one });
    await happened(one.journal, 'call-CA1', 'CallEnded');
    const seen = await types(one.journal);
    expect(seen.filter((type) => type === 'CallReceived')).toHaveLength(1);
    expect(seen.filter((type) => type === 'CallLegLeft')).toHaveLength(1);
  });

  it('takes no notice of what was journalled before the gateway had static numbers', async () => {
    const one = disk();
    await one.journal.append('leg-LE1', 'no-stream', [offered('ie1/gw1')]);
    const { journal, calls, commanded } = await gateway(SAY, { disk: one });
    const [leg, callSid] = ['LE2', 'CA2'];
    const data = { ...offeredData, legId: leg, callSid, router: 'ie1/gw1' };
    await journal.append('leg-LE2', 'no-stream', [{ ...event('LegOffered', data), correlation: callSid }]);
    await commanded('PlayRequested');
    await journal.append('leg-LE2', 0, [{ ...ended(), correlation: callSid }]);
    await calls.close();
    expect(await types(journal)).toEqual([]);
  });

  it('is run in the end, though the journal cannot be written for a moment', async () => {
    const one = disk();
    const { journal } = one;
    const append = journal.append.bind(journal);
    let failures = 1;
    journal.append = async (stream, expected, events) => {
      if (stream === 'call-CA1' && failures-- > 0)
        throw new TandemError('store.unavailable', { store: 'SQLite', detail: 'the disk is full' });
      return append(stream, expected, events);
    };
    const { commanded, errors } = await gateway(SAY, { disk: one });
    await journal.append('leg-LE1', 'no-stream', [offered('ie1/gw1')]);
    await commanded('PlayRequested');
    expect(errors).toMatchObject([{ code: 'store.unavailable' }]);
    expect((await types(journal)).filter((type) => type === 'CallReceived')).toHaveLength(1);
  });

  it('whose document cannot be run here is refused at the start', async () => {
    await expect(gateway('<Response><Redirect>/x</Redirect></Response>')).rejects.toMatchObject({
      code: 'document.not-static',
    });
  });
});
