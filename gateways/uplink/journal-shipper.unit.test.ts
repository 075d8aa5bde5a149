import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { AdoptedCall, HeldLeg } from '@tandem/actors/link';
import type { EventHandler, EventStore, RecordedEvent } from '@tandem/actors/stores/event-store';
import { chooseRouter } from './choose-router.ts';
import { createJournalShipper, type JournalShipper, type JournalShipperOptions } from './journal-shipper.ts';

const GRACE = 2000;
const ROUTERS = ['us1/r1', 'us1/r2', 'us1/r3'];

const shippers: JournalShipper[] = [];
afterEach(async () => {
  for (const shipper of shippers.splice(0)) await shipper.close();
  jest.useRealTimers();
});

/** A journal whose events the test plays, and routers whose streams it holds. */
function given(options: Partial<JournalShipperOptions> = {}) {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] });
  let handler: EventHandler = () => {};
  let from: unknown;
  let position = 0;
  const ended = Promise.withResolvers<void>();
  const firsts = new Map<string, RecordedEvent>();
  const errors: unknown[] = [];
  const durable: string[] = [];
  const journal = {
    subscribeToAll(start: unknown, handle: EventHandler) {
      from = start;
      handler = handle;
      return { ended: ended.promise, stop: async () => ended.resolve() };
    },
    async *readStream(stream: string) {
      const first = firsts.get(stream);
      if (first) yield first;
    },
  } as unknown as EventStore;
  const shipper = createJournalShipper({
    main: 'us1',
    gateway: 'ie1/gw1',
    routers: ROUTERS,
    journal,
    after: '',
    grace: GRACE,
    live: [],
    takesUnknown: true,
    onRewind: () => {},
    onError: (error: unknown) => errors.push(error),
    onDurable: (at) => durable.push(at),
    ...options,
  });
  shippers.push(shipper);
  const event = (type: string, call: string, data: object = {}): RecordedEvent => ({
    position: String(++position),
    id: `event-${position}`,
    stream: call && `leg-${call}`,
    revision: 0,
    type,
    version: 1,
    time: 1,
    region: 'ie1',
    cause: '',
    correlation: call,
    data,
  });
  return {
    shipper,
    errors,
    durable,
    ended,
    firsts,
    event,
    from: () => from,
    /** Happens in the journal. */
    happens: async (type: string, call: string, data?: object) => {
      await handler(event(type, call, data));
      await turn();
    },
    play: (one: RecordedEvent) => handler(one),
    link(router: string, node = 'one') {
      const heard: (string | AdoptedCall[])[] = [];
      const asked: string[] = [];
      const stream = {
        full: false,
        send: (events: { position: string }[]) =>
          void heard.push(events.map((one) => one.position).join(' ')),
        adopt: (calls: AdoptedCall[]) => void heard.push(calls),
        ask: (legs: HeldLeg[]) =>
          void asked.push(legs.map(({ callSid, legId }) => `${legId} of ${callSid}`).join()),
      };
      shipper.attach(router, node, stream);
      return { heard, asked, stream };
    },
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const offered = (router: string) => ({ router });

describe('shipping a journal to the routers of a main region', () => {
  it('reads on after what was dealt with', () => {
    expect(given().from()).toBe('start');
    expect(given({ after: '41' }).from()).toEqual({ after: '41' });
  });

  it('has events that no call hears of wait for others to go with', async () => {
    const { link, happens } = given();
    const { heard } = link('us1/r1');
    link('us1/r2');
    await happens('LegRequested', 'CA2', offered('us1/r1'));
    await happens('MediaAllocated', 'CA2');
    expect(heard).toEqual([]);
    await happens('AnswerReceived', 'CA2');
    expect(heard).toEqual(['1 2 3']);
    await happens('AnswerConfirmed', 'CA2');
    expect(heard).toHaveLength(1);
    jest.advanceTimersByTime(10);
    expect(heard).toEqual(['1 2 3', '4']);
  });

  it('gives each event to the router of its call, and what concerns no call to one', async () => {
    const { link, happens, shipper, durable } = given();
    const [one, two] = [link('us1/r1'), link('us1/r2')];
    await happens('RegionStarted', '');
    await happens('LegOffered', 'CA1', offered('us1/r2'));
    await happens('DigitReceived', 'CA1');
    await happens('LegRequested', 'CA2', offered('us1/r1'));
    jest.advanceTimersByTime(10);
    expect([one.heard, two.heard]).toEqual([
      ['1', '4'],
      ['2', '3'],
    ]);
    shipper.acknowledge('us1/r2', 2);
    expect(durable).toEqual([]);
    shipper.acknowledge('us1/r1', 2);
    expect(durable).toEqual(['4']);
  });

  it('gives new calls to the routers that acknowledge at once, if there are any', async () => {
    const { shipper, link, happens } = given();
    const chosen = () => new Set(Array.from({ length: 50 }, (_, call) => shipper.choose(`CA${call}`)));
    link('us1/r1');
    link('us1/r2');
    for (let each = 0; each < 3; each++) {
      await happens('LegOffered', 'CAone', { router: 'us1/r1' });
      await happens('LegOffered', 'CAtwo', { router: 'us1/r2' });
      jest.advanceTimersByTime(400);
    }
    shipper.acknowledge('us1/r1', 1);
    expect(chosen()).toEqual(new Set(['us1/r1']));
    expect(shipper.waits()).toBe(0);
    // Where all are busy a call goes where it would.
    shipper.acknowledge('us1/r2', 1);
    expect(chosen()).toEqual(new Set(['us1/r1', 'us1/r2']));
  });

  it('gives no new call to a router that acknowledges nothing any more, and says for how long there is none', async () => {
    const { shipper, link, happens } = given({ routers: ['us1/r1', 'us1/r2'] });
    expect([shipper.choose('CA1'), shipper.awayFor()]).toEqual([undefined, expect.any(Number)]);
    link('us1/r1');
    link('us1/r2');
    await happens('LegOffered', 'CAone', { router: 'us1/r1' });
    jest.advanceTimersByTime(600);
    for (let call = 0; call < 20; call++) expect(shipper.choose(`CA${call}`)).toBe('us1/r2');
    expect([shipper.waits(), shipper.awayFor()]).toEqual([0, 0]);
    await happens('LegOffered', 'CAtwo', { router: 'us1/r2' });
    jest.advanceTimersByTime(700);
    expect([shipper.choose('CA1'), shipper.waits(), shipper.awayFor()]).toEqual([undefined, 0, 700]);
  });

  it('counts from its return what waited while a router was silent', async () => {
    const { shipper, link, happens } = given();
    link('us1/r1');
    await happens('LegOffered', 'CA1', { router: 'us1/r1' });
    await happens('LegOffered', 'CA2', { router: 'us1/r1' });
    jest.advanceTimersByTime(5000);
    expect(shipper.choose('CA3')).toBeUndefined();
    shipper.acknowledge('us1/r1', 1);
    expect([shipper.choose('CA3'), shipper.waits()]).toEqual(['us1/r1', 0]);
    jest.advanceTimersByTime(300);
    expect(shipper.waits()).toBe(300);
  });

  it('has a router given up that is silent while others work, and none while all are silent', async () => {
    const stuck: string[] = [];
    const { shipper, link, happens } = given({
      onStuck: (router, seconds) => stuck.push(`${router} ${seconds}`),
    });
    const worked = { 'us1/r1': 0, 'us1/r2': 0 };
    const works = async (router: keyof typeof worked) => {
      await happens('LegOffered', `CA${router}`, { router });
      shipper.acknowledge(router, ++worked[router]);
    };
    link('us1/r1');
    link('us1/r2');
    await works('us1/r1');
    await happens('LegOffered', 'CAone', { router: 'us1/r1' });
    await happens('LegOffered', 'CAtwo', { router: 'us1/r2' });
    jest.advanceTimersByTime(60_000);
    // The store is back, and one router says so before the other.
    shipper.acknowledge('us1/r2', ++worked['us1/r2']);
    expect(stuck).toEqual([]);
    shipper.acknowledge('us1/r1', ++worked['us1/r1']);
    await happens('LegOffered', 'CAlast', { router: 'us1/r1' });
    for (let each = 0; each < 6; each++) {
      jest.advanceTimersByTime(1000);
      expect(stuck).toEqual([]);
      await works('us1/r2');
    }
    jest.advanceTimersByTime(1000);
    await works('us1/r2');
    expect(stuck).toEqual(['us1/r1 7']);
  });

  it('leaves out the calls of other main regions, and ships those that the gateway runs itself', async () => {
    const { link, happens, durable, shipper } = given();
    const one = link('us1/r1');
    await happens('LegOffered', 'CA1', offered('eu1/r1'));
    await happens('LegOffered', 'CA2', offered('ie1/gw1'));
    expect(one.heard).toEqual(['2']);
    shipper.acknowledge('us1/r1', 1);
    expect(durable.at(-1)).toBe('2');
  });

  it('waits for a router that was lost, and sends again what it did not acknowledge', async () => {
    const { link, happens, shipper } = given();
    link('us1/r2');
    link('us1/r1');
    await happens('LegOffered', 'CA1', offered('us1/r1'));
    shipper.detach('us1/r1', false);
    jest.advanceTimersByTime(GRACE - 1);
    await happens('DigitReceived', 'CA1');
    expect(link('us1/r1').heard).toEqual(['1 2']);
  });

  it('gives the calls of a router that stays away to another, which is told before', async () => {
    const { link, happens, shipper } = given();
    const two = link('us1/r2');
    link('us1/r1');
    await happens('LegOffered', 'CA1', offered('us1/r1'));
    shipper.detach('us1/r1', false);
    jest.advanceTimersByTime(GRACE);
    await happens('DigitReceived', 'CA1');
    expect(two.heard).toEqual([[{ callSid: 'CA1', from: 'us1/r1' }], '1', '2']);
  });

  it('gives them away at once when a router says goodbye, each to the router that everybody would choose', async () => {
    const { link, happens, shipper } = given();
    const [two, three] = [link('us1/r2'), link('us1/r3')];
    link('us1/r1');
    const calls = Array.from({ length: 20 }, (_, index) => `CA${index}`);
    for (const call of calls) await happens('LegOffered', call, offered('us1/r1'));
    shipper.detach('us1/r1', true);
    const toldTo = ({ heard }: typeof two) =>
      heard.flatMap((one) => (typeof one === 'string' ? [] : one.map(({ callSid }) => callSid)));
    const others = ['us1/r2', 'us1/r3'];
    expect(toldTo(two)).toEqual(calls.filter((call) => chooseRouter(call, others) === 'us1/r2'));
    expect(toldTo(three)).toEqual(calls.filter((call) => chooseRouter(call, others) === 'us1/r3'));
  });

  it('keeps them for the only router, and for whichever comes first', async () => {
    const { link, happens, shipper } = given();
    link('us1/r1');
    await happens('LegOffered', 'CA1', offered('us1/r1'));
    shipper.detach('us1/r1', true);
    await happens('DigitReceived', 'CA1');
    expect(link('us1/r3').heard).toEqual([[{ callSid: 'CA1', from: 'us1/r1' }], '1 2']);
  });

  it('tells a router again that did not say that it has the call, and one that was restarted', async () => {
    const { link, happens, shipper } = given();
    link('us1/r2');
    link('us1/r1');
    await happens('LegOffered', 'CA1', offered('us1/r1'));
    shipper.detach('us1/r1', true);
    shipper.detach('us1/r2', false);
    expect(link('us1/r2').heard[0]).toEqual([{ callSid: 'CA1', from: 'us1/r1' }]);
    shipper.learn({ callSid: 'CA1', router: 'us1/r2', takeovers: 1 });
    shipper.detach('us1/r2', false);
    expect(link('us1/r2').heard).toEqual(['1']);
    shipper.detach('us1/r2', false);
    expect(link('us1/r2', 'another').heard[0]).toEqual([{ callSid: 'CA1', from: 'us1/r2' }]);
  });

  it('follows what routers say of who has a call, the later takeover before the earlier', async () => {
    const { link, happens, shipper } = given();
    const [one, two, three] = ROUTERS.map((router) => link(router));
    await happens('LegOffered', 'CA1', offered('us1/r1'));
    shipper.learn({ callSid: 'CA1', router: 'us1/r3', takeovers: 2 });
    shipper.learn({ callSid: 'CA1', router: 'us1/r2', takeovers: 1 });
    await happens('DigitReceived', 'CA1');
    expect([one!.heard, two!.heard, three!.heard]).toEqual([['1'], [], ['1', '2']]);
    const says = (router: string, takeovers: number) =>
      shipper.accepts({ callSid: 'CA1', router, takeovers });
    expect([says('us1/r1', 0), says('us1/r3', 2), says('us1/r2', 3)]).toEqual([false, true, true]);
    await happens('DigitReceived', 'CA1');
    expect(two!.heard.at(-1)).toBe('3');
  });

  it('gives a call away, after a while, whose owner cannot be reached from here', async () => {
    const { link, happens, shipper } = given();
    const two = link('us1/r2');
    jest.advanceTimersByTime(GRACE);
    await happens('LegOffered', 'CA1', offered('us1/r1'));
    expect(two.heard[0]).toEqual([{ callSid: 'CA1', from: 'us1/r1' }]);
    shipper.learn({ callSid: 'CA1', router: 'us1/r3', takeovers: 1 });
    expect(two.heard.at(-2)).toEqual([{ callSid: 'CA1', from: 'us1/r3' }]);
    shipper.learn({ callSid: 'CA1', router: 'us1/r3', takeovers: 1 });
    const before = two.heard.length;
    jest.advanceTimersByTime(GRACE);
    expect(two.heard.slice(before)[0]).toEqual([{ callSid: 'CA1', from: 'us1/r3' }]);
  });

  it('knows the calls of legs that were live at the start', async () => {
    const live = [{ stream: 'leg-CA1', callSid: 'CA1', router: 'us1/r1' }];
    const { link } = given({ live });
    const two = link('us1/r2');
    jest.advanceTimersByTime(GRACE);
    expect(two.heard).toEqual([[{ callSid: 'CA1', from: 'us1/r1' }]]);
  });

  it('asks a router whenever its stream begins whether the legs of its calls are still the gateway’s', async () => {
    const live = [
      { stream: 'leg-LE1', callSid: 'CA1', router: 'us1/r1' },
      { stream: 'pipe-PI1', callSid: 'CA1', router: 'us1/r1' },
      { stream: 'leg-LE2', callSid: 'CA2', router: 'us1/r2' },
      { stream: 'leg-LE3', callSid: 'CA3', router: 'ie1/gw1' },
    ];
    const { link, happens, shipper } = given({ live });
    expect(link('us1/r1').asked).toEqual(['LE1 of CA1']);
    await happens('LegOffered', 'CA4', offered('us1/r1'));
    shipper.detach('us1/r1', false);
    expect(link('us1/r1').asked).toEqual(['LE1 of CA1,CA4 of CA4']);
  });

  it('asks the router that is given a call, or has taken it', async () => {
    const live = [{ stream: 'leg-LE1', callSid: 'CA1', router: 'us1/r1' }];
    const { link, shipper } = given({ live });
    const [two, three] = [link('us1/r2'), link('us1/r3')];
    jest.advanceTimersByTime(GRACE);
    const to = chooseRouter('CA1', ['us1/r2', 'us1/r3']);
    const [given1, other] = to === 'us1/r2' ? [two, three] : [three, two];
    expect([given1.asked, other.asked]).toEqual([['LE1 of CA1'], []]);
    const taker = to === 'us1/r2' ? 'us1/r3' : 'us1/r2';
    shipper.learn({ callSid: 'CA1', router: taker, takeovers: 1 });
    expect(other.asked).toEqual(['LE1 of CA1']);
  });

  it('leaves out what another gateway did with a leg before this one took it', async () => {
    const { link, happens, shipper, durable } = given();
    const one = link('us1/r1');
    const theirs = { region: 'ie1', gateway: 'gw2', router: 'us1/r1' };
    await happens('LegOffered', 'CA1', theirs);
    await happens('DigitReceived', 'CA1');
    await happens('LegAdopted', 'CA1', { region: 'ie1', gateway: 'gw3', from: 'gw2' });
    expect([one.heard, durable.at(-1)]).toEqual([[], '3']);
    await happens('LegAdopted', 'CA1', { region: 'ie1', gateway: 'gw1', from: 'gw3' });
    await happens('DigitReceived', 'CA1');
    expect(one.heard).toEqual(['4', '5']);
    // It has the leg, whose call goes elsewhere when its router does.
    const two = link('us1/r2');
    shipper.acknowledge('us1/r1', 2);
    shipper.detach('us1/r1', true);
    expect(two.heard).toEqual([[{ callSid: 'CA1', from: 'us1/r1' }]]);
  });

  it('looks up whose call it is, of which it reads the end only', async () => {
    const { link, happens, firsts, event } = given();
    firsts.set('leg-CA1', event('LegOffered', 'CA1', offered('us1/r2')));
    const [one, two] = [link('us1/r1'), link('us1/r2')];
    await happens('LegEnded', 'CA1');
    expect([one.heard, two.heard]).toEqual([[], ['2']]);
  });

  it('forgets a call whose legs have ended, once that is acknowledged', async () => {
    const { link, happens, shipper } = given();
    link('us1/r2');
    link('us1/r1');
    await happens('LegOffered', 'CA1', offered('us1/r1'));
    await happens('LegEnded', 'CA1');
    shipper.acknowledge('us1/r1', 2);
    const third = link('us1/r3');
    shipper.detach('us1/r1', true);
    expect(third.heard).toEqual([]);
    expect(shipper.accepts({ callSid: 'CA1', router: 'us1/r1', takeovers: 0 })).toBe(true);
  });

  it('tries again when the journal cannot be read', async () => {
    const { ended, errors } = given();
    ended.reject(new Error('disk'));
    await turn();
    expect(errors).toMatchObject([{ code: 'link.journal-failed' }]);
  });
});
