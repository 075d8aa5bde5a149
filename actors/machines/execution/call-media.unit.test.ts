import { describe, expect, it } from '@jest/globals';
import type { Messages, PipeEnd } from '@tandem/proto/generated/events.ts';
import {
  CALLER,
  type CallThen,
  callee,
  dial,
  dialled,
  fetched,
  leftData,
  received,
  say,
  unplaced,
} from '../call/testing/call-events.ts';
import type { CallContext, ChoosePath, LegCommand } from './call-context.ts';

// Where legs are placed and which way media goes, as the routing policy says it.

const IE = { region: 'ie1', gateway: 'gw1' };
const DE = { region: 'de1', gateway: 'gw1' };
const US = { region: 'us1', gateway: 'gw2' };
const end = (port: number): PipeEnd => ({
  address: '127.0.1.1',
  port,
  srtpSuite: 'AEAD_AES_256_GCM',
  srtpKey: `key ${port}`,
});

const placed = (then: CallThen, place = DE, index = 0): CallThen =>
  then.when('CallLegPlaced', { legId: dialled(then)[index]!, ...place });
const question = ({ effects }: CallThen): ChoosePath => {
  const found = effects.filter((effect) => effect.type === 'choosePath');
  expect(found).toHaveLength(1);
  return found[0]!;
};
const node = (place: typeof IE, codec = 'PCMU', services: string[] = []) => ({ ...place, codec, services });
const way = (then: CallThen, ...nodes: ReturnType<typeof node>[]): CallThen => {
  const { pathId, from, to } = then.context.media.asked!;
  const data: Messages['MediaPathChosen'] = {
    pathId,
    from,
    mode: 'multi-regional',
    nodes,
    reason: 'bridge',
    ...(to !== undefined && { to }),
  };
  return then.when('MediaPathChosen', data);
};
const name = (then: CallThen, id: string): string => {
  if (id === CALLER) return 'caller';
  const { media } = then.context;
  const callees = dialled(then).indexOf(id);
  if (callees >= 0) return `callee ${callees + 1}`;
  const pipes = [media.path, media.next].flatMap((path) => path?.pipes ?? []).map((pipe) => pipe.id);
  return pipes.includes(id) ? `pipe ${pipes.indexOf(id)}` : 'pipe that was';
};
/** The commands, as `place leg: Message with …`. */
const commands = (then: CallThen): string[] =>
  then.effects
    .filter((effect): effect is LegCommand => effect.type === 'command')
    .map(({ region, legId, message }) => {
      const data = message.data as { peer?: string | PipeEnd; codec?: string };
      const peer = typeof data.peer === 'string' ? name(then, data.peer) : data.peer?.srtpKey;
      const detail = [peer, data.codec].filter(Boolean).join(' ');
      return `${region} ${name(then, legId)}: ${message.type} ${detail}`.trim();
    });
const pipesOf = ({ context }: CallThen, which: keyof CallContext['media'] = 'next') =>
  (context.media[which] as CallContext['media']['path'])!.pipes.map(({ id }) => id);
const opened = (then: CallThen): CallThen =>
  pipesOf(then).reduce((now, pipeId, index) => now.when('CallPipeOpened', { pipeId, end: end(index) }), then);
const connected = (then: CallThen): CallThen =>
  pipesOf(then).reduce((now, pipeId) => now.when('CallPipeConnected', { pipeId }), then);

const dialling = unplaced(received, fetched(dial(), say('Goodbye')));
const abroad = placed(dialling).when('CallLegAnswered', callee(0));
const joined = connected(opened(way(abroad, node(IE), node(DE, ''))));

describe('a leg', () => {
  it('is placed where the routing policy says', () => {
    expect(dialling.effects).toContainEqual(
      expect.objectContaining({ type: 'placeLeg', to: '+15550111', near: IE, tried: [] }),
    );
    const then = placed(dialling);
    expect(commands(then)).toEqual(['de1 callee 1: LegRequested']);
    expect(then.context.legs[dialled(then)[0]!]).toMatchObject({ ...DE, status: 'requested' });
  });

  it('is placed elsewhere when a gateway will not take it', () => {
    const then = placed(dialling).when('CallLegUnplaced', ({ context }) => ({
      legId: dialled({ context })[0]!,
      code: 'sip.gateway-draining',
      message: 'It drains',
    }));
    expect(then.effects).toMatchObject([{ type: 'placeLeg', tried: [DE] }]);
    expect(commands(placed(then, US))).toEqual(['us1 callee 1: LegRequested']);
  });

  it('that nobody takes has left', () => {
    const then = dialling.when('CallLegLeft', leftData(0, 'no-route'));
    expect(then.state).toBe('running.speaking');
  });

  it('that nobody has taken yet needs no goodbye', () => {
    const then = dialling.when('TimerRang', { timer: 'dial' }, 30_000);
    expect(commands(then)).toEqual(['ie1 caller: PlayStopRequested', 'ie1 caller: PlayRequested']);
    expect(placed(then).taken).toBe(false);
  });

  it('that rings in a gateway that went away is placed anew, under another id', () => {
    const ringing = placed(dialling);
    const then = ringing.when('CallGatewayLost', { ...DE, reason: 'Its link is gone' });
    const [before, now] = dialled(then);
    expect(then.context.legs[before!]).toMatchObject({ status: 'left', end: { reason: 'failed' } });
    expect(commands(then)).toEqual(['de1 callee 1: HangupRequested']);
    expect(then.effects).toContainEqual(
      expect.objectContaining({ type: 'placeLeg', legId: now, tried: [DE] }),
    );
    const rung = placed(then, US, 1).when('CallLegAnswered', callee(1));
    expect(rung.state).toBe('running.dialling.talking');
    expect(then.when('CallLegAnswered', callee(0)).context.dial!.talkingTo).toBeUndefined();
  });
});

describe('media between two gateways', () => {
  it('takes the way that the policy chooses', () => {
    expect(question(abroad)).toMatchObject({
      from: CALLER,
      to: dialled(abroad)[0],
      services: [],
      reason: 'bridge',
      attempt: 1,
      legs: [
        { legId: CALLER, ...IE },
        { legId: dialled(abroad)[0], ...DE },
      ],
    });
    const asked = way(abroad, node(IE), node(DE, ''));
    expect(commands(asked)).toEqual(['ie1 pipe 0: PipeRequested PCMU', 'de1 pipe 1: PipeRequested PCMU']);
  });

  it('goes by pipes that are connected when both ends are open, and joined when all are connected', () => {
    const asked = way(abroad, node(IE), node(DE, ''));
    const [near, far] = pipesOf(asked);
    const one = asked.when('CallPipeOpened', { pipeId: near!, end: end(0) });
    expect(commands(one)).toEqual([]);
    const both = one.when('CallPipeOpened', { pipeId: far!, end: end(1) });
    expect(commands(both)).toEqual([
      'de1 pipe 1: PipeConnectRequested key 0',
      'ie1 pipe 0: PipeConnectRequested key 1',
    ]);
    const half = both.when('CallPipeConnected', { pipeId: far! });
    expect(commands(half)).toEqual([]);
    const all = half.when('CallPipeConnected', { pipeId: near! });
    expect(commands(all)).toEqual([
      'ie1 caller: BridgeRequested pipe 0',
      'ie1 pipe 0: BridgeRequested caller',
      'de1 pipe 1: BridgeRequested callee 1',
      'de1 callee 1: BridgeRequested pipe 1',
    ]);
    expect(all.context.media).toMatchObject({ path: { to: dialled(all)[0] } });
  });

  it('passes a third place where a service is needed', () => {
    const asked = way(abroad, node(IE, 'opus'), node(US, 'PCMU', ['transcoding']), node(DE, ''));
    expect(commands(asked)).toEqual([
      'ie1 pipe 0: PipeRequested opus',
      'us1 pipe 1: PipeRequested opus',
      'us1 pipe 2: PipeRequested PCMU',
      'de1 pipe 3: PipeRequested PCMU',
    ]);
    expect(commands(connected(opened(asked)))).toEqual([
      'ie1 caller: BridgeRequested pipe 0',
      'ie1 pipe 0: BridgeRequested caller',
      'us1 pipe 1: BridgeRequested pipe 2',
      'us1 pipe 2: BridgeRequested pipe 1',
      'de1 pipe 3: BridgeRequested callee 1',
      'de1 callee 1: BridgeRequested pipe 3',
    ]);
  });

  it('stays where it is when both legs are in one gateway', () => {
    const then = placed(dialling, IE).when('CallLegAnswered', callee(0));
    expect(commands(then).slice(1)).toEqual([
      'ie1 caller: BridgeRequested callee 1',
      'ie1 callee 1: BridgeRequested caller',
    ]);
    expect(then.context.media).toMatchObject({ path: { pipes: [] } });
  });

  it('asks for a transcoder where they speak other codecs', () => {
    const answered = (codec: string) =>
      placed(dialling, IE).when('CallLegAnswered', (before) => ({ ...callee(0)(before), codec }));
    expect(answered('PCMU').context.media.path).toBeDefined();
    const other = answered('PCMA');
    expect(question(other).legs).toMatchObject([{ codec: 'PCMU' }, { codec: 'PCMA' }]);
    const then = way(other, node(IE, '', ['transcoding']));
    expect(commands(then)).toEqual([
      'ie1 caller: BridgeRequested callee 1',
      'ie1 callee 1: BridgeRequested caller',
    ]);
  });

  it('comes back when the callee leaves, and what follows is heard', () => {
    const then = joined.when('CallLegLeft', leftData(0));
    expect(then.state).toBe('running.speaking');
    expect(commands(then)).toEqual([
      'ie1 caller: UnbridgeRequested',
      'ie1 pipe that was: PipeEndRequested',
      'de1 pipe that was: PipeEndRequested',
      'ie1 caller: PlayRequested',
    ]);
    expect(then.context.media).toEqual({});
  });

  it('ends with the call', () => {
    const then = joined.when('CallHangupRequested', { reason: 'completed' });
    expect(commands(then).slice(2)).toEqual([
      'ie1 pipe that was: PipeEndRequested',
      'de1 pipe that was: PipeEndRequested',
    ]);
  });

  it('that has no way lets the callee go', () => {
    const { pathId, from } = abroad.context.media.asked!;
    const none = { code: 'routing.no-path', message: 'It is prohibited' };
    const then = abroad.when('MediaPathRefused', { pathId, from, ...none });
    expect(commands(then)).toEqual(['de1 callee 1: HangupRequested']);
    expect(then.when('CallLegLeft', leftData(0, 'media-failed')).state).toBe('running.speaking');
  });

  it('hears no answer to what it does not ask any more', () => {
    expect(way(abroad, node(IE), node(DE, '')).context.media.asked).toBeUndefined();
    const { pathId, from } = abroad.context.media.asked!;
    const gone = abroad.when('CallLegLeft', leftData(0));
    const late = { pathId, from, mode: 'local', nodes: [node(IE, '')], reason: '' };
    expect(gone.when('MediaPathChosen', late).taken).toBe(false);
  });
});

describe('a way that is not good any more', () => {
  const moved = (then: CallThen) => connected(opened(way(then, node(IE), node(US), node(DE, ''))));

  it('is left for another, once that is there', () => {
    const review = joined.when('MediaPathReviewRequested', { reason: 'loss', mustMove: false });
    expect(question(review)).toMatchObject({ reason: 'loss', attempt: 2 });
    const before = pipesOf(joined, 'path');
    const asked = way(review, node(IE), node(US), node(DE, ''));
    expect(asked.context.media.path!.pipes.map(({ id }) => id)).toEqual(before);
    expect(commands(moved(review))).toEqual([
      'ie1 caller: BridgeRequested pipe 0',
      'ie1 pipe 0: BridgeRequested caller',
      'us1 pipe 1: BridgeRequested pipe 2',
      'us1 pipe 2: BridgeRequested pipe 1',
      'de1 pipe 3: BridgeRequested callee 1',
      'de1 callee 1: BridgeRequested pipe 3',
      'ie1 pipe that was: PipeEndRequested',
      'de1 pipe that was: PipeEndRequested',
    ]);
  });

  it('stays when the policy chooses it again', () => {
    const review = joined.when('MediaPathReviewRequested', { reason: 'loss', mustMove: false });
    const then = way(review, node(IE), node(DE, ''));
    expect(then.effects).toEqual([]);
    expect(then.context.media).toEqual(joined.context.media);
  });

  it('is made again when one of its pipes ends', () => {
    const [near] = pipesOf(joined, 'path');
    const broken = joined.when('CallPipeLeft', { pipeId: near!, reason: 'restarted' });
    expect(question(broken)).toMatchObject({ reason: 'restarted' });
    const again = connected(opened(way(broken, node(IE), node(DE, ''))));
    expect(commands(again).slice(0, 2)).toEqual([
      'ie1 caller: BridgeRequested pipe 0',
      'ie1 pipe 0: BridgeRequested caller',
    ]);
    expect(again.context.media.broken).toBeUndefined();
  });

  it('avoids a gateway that went away', () => {
    const far = connected(opened(way(abroad, node(IE), node(US), node(DE, ''))));
    expect(question(far.when('CallGatewayLost', { ...US, reason: 'gone' }))).toMatchObject({
      reason: 'gone',
    });
    expect(far.when('CallGatewayLost', { region: 'fr1', gateway: 'gw1', reason: 'gone' }).effects).toEqual(
      [],
    );
  });

  it('waits with a leg whose own gateway went away: no other way leads to it', () => {
    const together = placed(dialling, IE).when('CallLegAnswered', callee(0));
    for (const [call, place] of [
      [together, IE],
      [joined, IE],
      [joined, DE],
    ] as const) {
      const then = call.when('CallGatewayLost', { ...place, reason: 'gone' });
      expect(then.effects.filter(({ type }) => type !== 'findAdopter')).toEqual([]);
      expect(then.context.media).toEqual(call.context.media);
    }
  });

  it('that cannot even be made is asked for again, and counted', () => {
    const asked = way(abroad, node(IE), node(DE, ''));
    const then = asked.when('CallPipeLeft', { pipeId: pipesOf(asked)[0]!, reason: 'media-failed' });
    expect(question(then)).toMatchObject({ attempt: 2, reason: 'media-failed' });
    expect(commands(then)).toEqual(['de1 pipe that was: PipeEndRequested']);
    const again = way(then, node(IE), node(DE, ''));
    const thrice = again.when('CallPipeLeft', { pipeId: pipesOf(again)[0]!, reason: 'media-failed' });
    expect(question(thrice)).toMatchObject({ attempt: 3 });
  });
});

describe('a way that policies close', () => {
  const far = connected(opened(way(abroad, node(IE), node(US), node(DE, ''))));
  const changed = { reason: 'other routing policies are in force', mustMove: false, policies: true };
  const review = far.when('MediaPathReviewRequested', changed);
  const closed = 'policy not-by-us prohibits us1';
  const chosen = (then: CallThen): CallThen => {
    const { pathId, from, to } = then.context.media.asked!;
    return then.when('MediaPathChosen', {
      pathId,
      from,
      to,
      mode: 'multi-regional',
      nodes: [node(IE), node(DE, '')],
      reason: '',
      prohibited: closed,
    });
  };
  const refused = (then: CallThen): CallThen => {
    const { pathId, from } = then.context.media.asked!;
    return then.when('MediaPathRefused', { pathId, from, code: 'routing.prohibited', message: closed });
  };
  const left = [
    'ie1 caller: UnbridgeRequested',
    'de1 callee 1: UnbridgeRequested',
    'ie1 pipe that was: PipeEndRequested',
    'us1 pipe that was: PipeEndRequested',
    'us1 pipe that was: PipeEndRequested',
    'de1 pipe that was: PipeEndRequested',
  ];

  it('is asked about when other policies are in force', () => {
    expect(question(review)).toMatchObject({
      current: far.context.media.path!.nodes,
      reason: changed.reason,
    });
  });

  it('is left before another stands: nothing goes there any more', () => {
    const then = chosen(review);
    expect(commands(then)).toEqual([
      ...left,
      'ie1 pipe 0: PipeRequested PCMU',
      'de1 pipe 1: PipeRequested PCMU',
    ]);
    expect(then.context.media.path).toBeUndefined();
    expect(commands(connected(opened(then))).slice(0, 2)).toEqual([
      'ie1 caller: BridgeRequested pipe 0',
      'ie1 pipe 0: BridgeRequested caller',
    ]);
  });

  it('without another has the callee let go, and says which policy', () => {
    const then = refused(review);
    expect(commands(then)).toEqual([...left, 'de1 callee 1: HangupRequested']);
    const hangup = then.effects.at(-1) as LegCommand;
    expect(hangup.message.data).toEqual({ reason: 'media-failed', detail: closed });
    expect(then.context.media).toEqual({});
    const after = then.when('CallLegLeft', leftData(0, 'media-failed'));
    expect(after.state).toBe('running.speaking');
    expect(commands(after)).toEqual(['ie1 caller: PlayRequested']);
  });

  it('stays when policies do not close it and there is none that is better', () => {
    const { pathId, from } = review.context.media.asked!;
    const none = { pathId, from, code: 'routing.no-path', message: 'There is none' };
    const then = review.when('MediaPathRefused', none);
    expect(then.effects).toEqual([]);
    expect(then.context.media).toEqual(far.context.media);
  });

  it('is not made to its end, nor is one taken that was asked for before', () => {
    const making = way(abroad, node(IE), node(US), node(DE, ''));
    const again = making.when('MediaPathReviewRequested', changed);
    expect(commands(again)).toHaveLength(4);
    expect(again.context.media.next).toBeUndefined();
    expect(question(again)).toMatchObject({ from: CALLER, to: dialled(abroad)[0] });

    const asking = abroad.when('MediaPathReviewRequested', changed);
    const { pathId, from, to } = abroad.context.media.asked!;
    const late = { pathId, from, to, mode: 'multi-regional', nodes: [node(IE), node(DE, '')], reason: '' };
    expect(asking.when('MediaPathChosen', late).taken).toBe(false);
    expect(way(asking, node(IE), node(DE, '')).context.media.next).toBeDefined();
  });

  it('is not taken unasked when they changed while it rang', () => {
    const ringing = placed(dialling, IE).when('MediaPathReviewRequested', changed);
    expect(ringing.effects).toEqual([]);
    const then = ringing.when('CallLegAnswered', callee(0));
    expect(question(then)).toMatchObject({ from: CALLER, to: dialled(then)[0] });
    const joinedAtHome = way(then, node(IE, ''));
    expect(commands(joinedAtHome)).toContain('ie1 caller: BridgeRequested callee 1');
    expect(joinedAtHome.context.media.ask).toBeUndefined();
    expect(dialling.when('CallLegLeft', leftData(0)).when('MediaPathReviewRequested', changed).taken).toBe(
      false,
    );
  });

  it('while another is made is no news when only the network changed', () => {
    const making = way(abroad, node(IE), node(US), node(DE, ''));
    expect(making.when('MediaPathReviewRequested', { ...changed, policies: false }).taken).toBe(false);
  });
});

describe('speech that the caller’s region does not have', () => {
  const speaking = unplaced(received, fetched(say('Hello'), say('Again')));
  const noService = ({ context }: { context: CallContext }): Messages['CallPlayFinished'] => ({
    legId: CALLER,
    playId: context.playing!.id,
    outcome: 'failed',
    code: 'media.no-service',
    message: 'No speech here',
  });
  const asked = speaking.when('CallPlayFinished', noService);
  const there = connected(opened(way(asked, node(IE), node(US, '', ['speech']))));

  it('is taken from another', () => {
    expect(asked.state).toBe('running.speaking');
    expect(question(asked)).toMatchObject({ from: CALLER, services: ['speech'], legs: [{ legId: CALLER }] });
    expect(commands(there)).toEqual([
      'ie1 caller: BridgeRequested pipe 0',
      'ie1 pipe 0: BridgeRequested caller',
      'us1 pipe 1: PlayRequested',
    ]);
  });

  it('is said by what is there already the next time', () => {
    const then = there.when('CallPlayFinished', ({ context }) => ({
      legId: context.playing!.at,
      playId: context.playing!.id,
      outcome: 'completed',
    }));
    expect(then.state).toBe('running.speaking');
    expect(commands(then)).toEqual(['us1 pipe 1: PlayRequested']);
  });

  it('speaks no more from where policies close, and the call goes on', () => {
    const review = there.when('MediaPathReviewRequested', { reason: '', mustMove: false, policies: true });
    const { pathId, from } = review.context.media.asked!;
    const message = 'policy not-by-us prohibits us1';
    const then = review.when('MediaPathRefused', { pathId, from, code: 'routing.prohibited', message });
    expect(commands(then)).toEqual([
      'ie1 caller: UnbridgeRequested',
      'ie1 pipe that was: PipeEndRequested',
      'us1 pipe that was: PipeEndRequested',
    ]);
    expect(then.effects.at(-1)).toMatchObject({ type: 'failPlay', code: 'routing.prohibited', message });
    const { playId } = then.effects.at(-1) as { playId: string };
    const failed = then.when('CallPlayFinished', { legId: CALLER, playId, outcome: 'failed' });
    expect(commands(failed)).toEqual(['ie1 caller: PlayRequested']);
    expect(then.when('CallHangupRequested', { reason: 'completed' }).state).toBe('ending');
  });

  it('is not said where no region has it, and the call goes on', () => {
    const { pathId, from } = asked.context.media.asked!;
    const then = asked.when('MediaPathRefused', { pathId, from, code: 'routing.no-path', message: 'None' });
    expect(then.effects).toMatchObject([{ type: 'failPlay', code: 'routing.no-path' }]);
  });
});
