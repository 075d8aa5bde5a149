import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Messages } from '@tandem/proto/generated/events.ts';
import { TandemError } from '../../errors/tandem-error.ts';
import type { CommandResult, LinkCommand } from '../../link/command-outbox.ts';
import { noDecision } from '../../machines/call/testing/call-events.ts';
import { allocatedData, offeredData, requestedData } from '../../machines/leg/testing/leg-events.ts';
import type { GatewayId } from '../../names/gateway-id.ts';
import { limits } from '../../peers/limits.ts';
import type { EffectScope } from '../../runtime/effects.ts';
import type { EventStore, NewEvent } from '../../stores/event-store/event-store.ts';
import { openSqliteEventStore } from '../../stores/sqlite/sqlite-event-store.ts';
import { adoptLegEffects } from './adopt-leg.ts';
import type { CallRouting, FindAdopter } from './call-routing.ts';

const GW1: GatewayId = { region: 'ie1', gateway: 'gw1' };
const GW2: GatewayId = { region: 'ie1', gateway: 'gw2' };
const GW3: GatewayId = { region: 'ie1', gateway: 'gw3' };
const STREAM = 'leg-LE1';

let store: EventStore;
let told: unknown[];
let commands: { to: GatewayId; command: LinkCommand }[];
let answer: (to: GatewayId) => Promise<CommandResult>;
let asked: { trunk: string | undefined }[];
let choose: () => GatewayId;
beforeEach(() => {
  store = openSqliteEventStore({ file: ':memory:' });
  [told, commands, asked] = [[], [], []];
  answer = async () => ({ accepted: true });
  choose = () => GW2;
});
afterEach(() => store.close());

const event = (type: string, data: object): NewEvent => ({
  id: crypto.randomUUID(),
  type,
  version: 1,
  time: 1,
  region: 'ie1',
  cause: '',
  correlation: 'CA1',
  data,
});
const offered = () => event('LegOffered', { ...offeredData, callSid: 'CA1' });
const connected = () => [
  offered(),
  event('MediaAllocated', allocatedData),
  event('AnswerRequested', {}),
  event('AnswerConfirmed', {}),
];
const has = (...events: NewEvent[]) => store.append(STREAM, 'no-stream', events);
const stored = async () =>
  (await Array.fromAsync(store.readStream(STREAM))).map(({ type, data }) => ({ type, data }));
const adopted = (data: Messages['LegAdopted']) => ({ type: 'LegAdopted', data });

const effects = () =>
  adoptLegEffects({
    store,
    now: () => 7,
    routing: {
      findAdopter({ legId }: FindAdopter, trunk: string | undefined) {
        asked.push({ trunk });
        return { legId, ...choose(), decision: noDecision };
      },
    } as CallRouting,
    command(to, command) {
      commands.push({ to, command });
      return answer(to);
    },
  });
const scope = {
  event: { id: 'cause' },
  state: { context: { takeovers: 3 } },
  async tell(type: string, data: object) {
    told.push({ type, ...data });
    return { taken: true };
  },
} as unknown as EffectScope;

const call = { callSid: 'CA1', accountSid: 'AC1', from: 'a', to: 'b' };
const find = (from = GW1) =>
  effects().findAdopter({ type: 'findAdopter', legId: 'LE1', call, from, tried: [from], near: [] }, scope);
const move = (to = GW2, from = GW1) =>
  effects().moveLeg({ type: 'moveLeg', callSid: 'CA1', legId: 'LE1', from, to }, scope);

describe('looking for a gateway for a leg', () => {
  it('asks the policy for one with the trunk that its dialog uses', async () => {
    await has(...connected());
    await find();
    expect(asked).toEqual([{ trunk: 'carrier' }]);
    expect(told).toMatchObject([{ type: 'CallLegAdopterChosen', legId: 'LE1', ...GW2 }]);
  });

  it('knows the trunk of a leg that was placed: the one of the route that answered', async () => {
    const dialog = { ...offeredData.dialog };
    await has(
      event('LegRequested', { ...requestedData, callSid: 'CA1' }),
      event('MediaAllocated', allocatedData),
      event('RefusalReceived', { status: 503, phrase: 'No', route: 0 }),
      event('AnswerReceived', { dialog, sdp: 'their answer', route: 1 }),
    );
    await find();
    expect(asked).toEqual([{ trunk: 'two' }]);
  });

  it.each<[string, () => NewEvent[], string]>([
    ['is not there', () => [], 'was not answered'],
    ['was not answered', () => [offered()], 'was not answered'],
    [
      'has ended',
      () => [
        ...connected(),
        event('ByeReceived', {}),
        event('LegEnded', { reason: 'completed', by: 'peer' }),
      ],
      'has ended (completed)',
    ],
  ])('finds none for a leg that %s', async (_what, events, why) => {
    const all = events();
    if (all.length > 0) await has(...all);
    await find();
    expect(asked).toEqual([]);
    const code = 'routing.leg-not-connected';
    expect(told).toEqual([
      { type: 'CallLegNotAdopted', legId: 'LE1', code, message: expect.stringContaining(why) },
    ]);
  });

  it('finds none for a leg that does not fit into a command', async () => {
    const url = 'x'.repeat(limits.commandBytes);
    await has(...connected(), event('PlayRequested', { playId: 'PL1', items: [{ file: { url } }], loop: 1 }));
    await find();
    expect(told).toMatchObject([{ type: 'CallLegNotAdopted', code: 'routing.leg-too-long' }]);
  });

  it('says that there is none; the leg has left when its own gateway has lost it by then', async () => {
    await has(...connected());
    choose = () => {
      throw new TandemError('routing.no-adopter', { leg: 'LE1', detail: 'all are full' });
    };
    await find();
    expect(told).toMatchObject([{ type: 'CallLegNotAdopted', code: 'routing.no-adopter' }]);
    answer = async () => ({ accepted: false, code: 'sip.gateway-full', message: 'It is full.' });
    await move();
    await find();
    expect(told.slice(1)).toMatchObject([
      { type: 'CallLegNotAdopted', gateway: 'gw2', code: 'sip.gateway-full' },
      { type: 'CallLegLeft', legId: 'LE1', reason: 'failed', by: 'router' },
    ]);
  });
});

describe('moving a leg', () => {
  it('is decided by its stream before the other gateway is told, with all that it needs', async () => {
    const before = connected();
    await has(...before);
    answer = async () => {
      expect((await stored()).at(-1)).toEqual(adopted({ ...GW2, from: 'gw1' }));
      return { accepted: true };
    };
    await move();
    expect(told).toEqual([]);
    const [{ to, command }] = commands as [(typeof commands)[0]];
    expect(to).toEqual(GW2);
    expect(command).toMatchObject({
      stream: STREAM,
      type: 'LegAdoptRequested',
      correlation: 'CA1',
      cause: 'cause',
      takeovers: 3,
    });
    const { events } = command.data as Messages['LegAdoptRequested'];
    expect(events.map(({ id, type }) => ({ id, type }))).toEqual([
      ...before.map(({ id, type }) => ({ id, type })),
      { id: expect.any(String), type: 'LegAdopted' },
    ]);
    expect(events.at(-1)).toMatchObject({ time: 7, region: 'ie1', correlation: 'CA1', version: 1 });
    expect(JSON.parse(events[0]!.data)).toEqual(before[0]!.data);
  });

  it('is asked for again under the same id, and decided once', async () => {
    await has(...connected());
    await move();
    // Meanwhile the leg goes on there.
    await store.append(STREAM, 4, [event('OwnerRestarted', { node: 'ie1/gw2' })]);
    await move();
    expect(commands[1]!.command).toEqual(commands[0]!.command);
    expect((await stored()).filter(({ type }) => type === 'LegAdopted')).toHaveLength(1);
  });

  it('takes along what the leg’s gateway had shipped just before', async () => {
    await has(...connected());
    const append = store.append.bind(store);
    store.append = async (stream, expected, events) => {
      store.append = append;
      await append(STREAM, 3, [event('DigitReceived', { digit: '1', source: 'rfc4733' })]);
      return append(stream, expected, events);
    };
    await move();
    const types = (commands[0]!.command.data as Messages['LegAdoptRequested']).events.map(({ type }) => type);
    expect(types.slice(-2)).toEqual(['DigitReceived', 'LegAdopted']);
  });

  it('goes on to another gateway when one refuses', async () => {
    await has(...connected());
    answer = async (to) =>
      to.gateway === 'gw2'
        ? { accepted: false, code: 'sip.gateway-full', message: 'Full.' }
        : { accepted: true };
    await move();
    await move(GW3);
    expect(told).toEqual([
      { type: 'CallLegNotAdopted', legId: 'LE1', gateway: 'gw2', code: 'sip.gateway-full', message: 'Full.' },
    ]);
    expect((await stored()).slice(-2)).toEqual([
      adopted({ ...GW2, from: 'gw1' }),
      adopted({ ...GW3, from: 'gw2' }),
    ]);
    expect(commands[1]!.command.id).not.toBe(commands[0]!.command.id);
  });

  it('is told of as refused when the gateway cannot be reached, or the leg has ended', async () => {
    await has(...connected());
    answer = async () => {
      throw new TandemError('link.region-unreachable', { gateway: 'ie1/gw2', seconds: 30 } as never);
    };
    await move();
    expect(told).toMatchObject([
      { type: 'CallLegNotAdopted', gateway: 'gw2', code: 'link.region-unreachable' },
    ]);
    await store.append(STREAM, 4, [
      event('HangupRequested', { reason: 'completed' }),
      event('LegEnded', { reason: 'completed', by: 'router' }),
    ]);
    await move(GW3);
    expect(told[1]).toMatchObject({ gateway: 'gw3', code: 'routing.leg-not-connected' });
  });

  it('is left to the router that has the call by then', async () => {
    await has(...connected());
    answer = async () => ({ accepted: false, code: 'link.not-owner', message: 'Another one.' });
    await move();
    expect(told).toEqual([]);
  });
});
