import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TandemError } from '../../errors/tandem-error.ts';
import type { CallContext } from '../../machines/execution/call-context.ts';
import type { Network } from '../../routing/network/network.ts';
import type { RecordedEvent } from '../../stores/event-store/event-store.ts';
import { openSqliteEventStore } from '../../stores/sqlite/sqlite-event-store.ts';
import { type LeavingStore, leavingStore } from '../../stores/testing/leaving-store.ts';
import { openWaitingEventStore, type WaitingEventStore } from '../../stores/waiting/waiting-event-store.ts';
import {
  ended,
  GATEWAY,
  happened,
  offered,
  openTestRouter,
  stream,
  type TestRouterOptions,
  types,
} from '../testing/test-router.ts';
import { watchNetwork } from './network-watch.ts';

const PAUSE = '<Response><Pause length="60"/></Response>';
const PEER = { ...GATEWAY, node: 'n2', version: '1' };

const networkWith = ({ healthy }: { healthy: boolean }): Network => ({
  regions: [
    {
      name: GATEWAY.region,
      main: false,
      healthy: true,
      cost: 0,
      routers: [],
      services: [],
      gateways: [
        {
          name: GATEWAY.gateway,
          kinds: ['sip'],
          healthy,
          draining: false,
          legs: 0,
          capacity: 10,
          codecs: [],
          trunks: [],
        },
      ],
    },
  ],
  routes: [],
});

let inner: LeavingStore;
let store: WaitingEventStore;
let closing: (() => Promise<void>)[];
beforeEach(async () => {
  closing = [];
  inner = leavingStore(openSqliteEventStore({ file: ':memory:' }));
  store = openWaitingEventStore(inner);
  await store.append('sign-of-life', 'no-stream', [{ ...offered('0'), type: 'LegOffered' }]);
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
});

function router(options: TestRouterOptions) {
  const own = openTestRouter({ ...options, store });
  closing.push(own.close);
  return own;
}

/** A call that waits, and what is done while the store is away: it comes back once something has been tried in vain. */
async function whileAway(work: () => Promise<unknown>): Promise<void> {
  inner.leave('refuses');
  const done = work();
  await inner.missing(1);
  inner.comeBack();
  await done;
}

/** What a call or a leg has in its stream once it has an event of a type. */
const becomes = (name: string, type: string): Promise<RecordedEvent> => happened(store, name, type);

describe('while the store is away', () => {
  it('what gateways ship waits, and is heard by its calls', async () => {
    const { calls, errors } = router({ document: PAUSE });
    await whileAway(() => calls.take(GATEWAY, [offered('1'), offered('2')]));
    for (const name of ['1', '2']) {
      expect(await types(store, `leg-LE${name}`)).toEqual(['LegOffered']);
      expect((await types(store, `call-CA${name}`))[0]).toBe('CallReceived');
    }
    expect(errors).toEqual([]);
  });

  it('a document that comes is taken when it is back', async () => {
    const { calls, errors } = router({ document: PAUSE, onFetch: () => inner.leave('refuses') });
    await calls.take(GATEWAY, [offered('1')]);
    await inner.missing(1);
    inner.comeBack();
    await becomes('call-CA1', 'DocumentFetched');
    expect(errors).toEqual([]);
  });

  it('a timer that rings is heard when it is back, once', async () => {
    const { calls, errors } = router({ document: '<Response><Pause length="1"/><Hangup/></Response>' });
    await calls.take(GATEWAY, [offered('1')]);
    await becomes('call-CA1', 'DocumentFetched');
    inner.leave('refuses');
    await inner.missing(1);
    inner.comeBack();
    await becomes('call-CA1', 'TimerRang');
    expect((await types(store, 'call-CA1')).filter((type) => type === 'TimerRang')).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  it('that a gateway does not carry out a command is heard when it is back', async () => {
    const { calls, errors } = router({
      document: '<Response><Say>Hello</Say></Response>',
      answer({ type }) {
        if (type !== 'PlayRequested') return { accepted: true };
        inner.leave('refuses');
        return { accepted: false, code: 'media.play-failed', message: 'no' };
      },
    });
    await calls.take(GATEWAY, [offered('1')]);
    await inner.missing(1);
    inner.comeBack();
    await becomes('call-CA1', 'CallPlayFinished');
    expect(errors).toEqual([]);
  });

  it('that an effect failed is in the history when it is back', async () => {
    const { calls, errors } = router({
      document: '<Response><Hangup/></Response>',
      answer() {
        inner.leave('refuses');
        throw new TandemError('link.command-too-large', {
          id: '1',
          type: 'HangupRequested',
          bytes: 1,
          limit: 0,
        });
      },
    });
    await calls.take(GATEWAY, [offered('1')]);
    await inner.missing(1);
    inner.comeBack();
    await becomes('call-CA1', 'ActionFailed');
    expect(errors).toMatchObject([{ code: 'link.command-too-large' }]);
  });

  it('a change of the network is heard when it is back', async () => {
    const { calls, system } = router({ document: PAUSE });
    await calls.take(GATEWAY, [offered('1')]);
    let current = networkWith({ healthy: true });
    const errors: unknown[] = [];
    const watch = watchNetwork({
      network: { current: () => current },
      calls: () => ['call-CA1'],
      contextOf: async (call) => (await system.snapshot(call)).context as CallContext,
      tell: (call, message) => system.tell(call, { ...message, correlation: 'CA1' }),
      onError: (error) => errors.push(error),
      interval: 1_000_000,
    });
    closing.push(() => watch.close());
    await watch.look();
    current = networkWith({ healthy: false });
    await whileAway(() => watch.look());
    expect(await types(store, 'call-CA1')).toContain('CallGatewayLost');
    expect(errors).toEqual([]);
  });

  it('a call that a gateway hands over is taken over when it is back', async () => {
    const other = openTestRouter({ name: 'us1/r2', document: PAUSE, store: inner });
    await other.calls.take(GATEWAY, [offered('1')]);
    await other.system.close();
    const { calls, errors } = router({ document: PAUSE });
    await whileAway(() => calls.adopt(GATEWAY, [{ callSid: 'CA1', from: 'us1/r2' }]));
    expect(await types(store, 'call-CA1')).toContain('CallTakenOver');
    expect(errors).toEqual([]);
  });

  it('legs that a gateway has lost have ended when it is back', async () => {
    const { calls, errors } = router({
      document: PAUSE,
      answer: ({ type }) =>
        type === 'Sought' ? { accepted: false, code: 'sip.no-such-leg' } : { accepted: true },
    });
    await calls.take(GATEWAY, [offered('1')]);
    await becomes('call-CA1', 'DocumentFetched');
    await whileAway(() => calls.met(PEER));
    await becomes('call-CA1', 'CallLegLeft');
    expect((await stream(store, 'leg-LE1')).at(-1)!.type).toBe('LegEnded');
    expect(errors).toEqual([]);
  });

  it('whose legs are is answered when it is back', async () => {
    const { calls, system, errors } = router({ document: PAUSE });
    await calls.take(GATEWAY, [offered('1')]);
    const other = { ...GATEWAY, gateway: 'gw2' };
    await becomes('call-CA1', 'DocumentFetched');
    // What is not in memory is read.
    system.putAway(-1);
    const legs = [{ callSid: 'CA1', legId: 'LE1' }];
    let taken: string[] = [];
    await whileAway(async () => {
      taken = await calls.taken(other, legs);
    });
    expect(taken).toEqual(['LE1']);
    expect(errors).toEqual([]);
  });

  it('the end of a call is its end when it is back', async () => {
    const { calls, errors } = router({ document: PAUSE });
    await calls.take(GATEWAY, [offered('1')]);
    await whileAway(() => calls.take(GATEWAY, [ended('1', 1)]));
    await becomes('call-CA1', 'CallEnded');
    expect(errors).toEqual([]);
  });
});
