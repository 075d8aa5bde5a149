import { describe, expect, it } from '@jest/globals';
import { given, said } from '../../testing/given.ts';
import type { PipeContext, PipeEffect } from './pipe-context.ts';
import { pipeKind } from './pipe-machine.ts';

const end = (port: number) => ({
  address: '127.0.1.1',
  port,
  srtpSuite: 'AEAD_AES_256_GCM',
  srtpKey: `key of ${port}`,
});
const requestedData = {
  pipeId: 'PI1',
  callSid: 'CA1',
  region: 'ie1',
  gateway: 'gw1',
  codec: 'PCMU',
  towards: 'de1',
};
const requested = said<'PipeRequested', PipeContext>('PipeRequested', requestedData);
const opened = said<'PipeOpened', PipeContext>('PipeOpened', { end: end(1) });
const connectAsked = said<'PipeConnectRequested', PipeContext>('PipeConnectRequested', { peer: end(2) });
const connected = said<'PipeConnected', PipeContext>('PipeConnected', {});
const bridged = said<'BridgeRequested', PipeContext>('BridgeRequested', { peer: 'LE1', hears: false });
const pipe = (...events: Parameters<typeof given<PipeEffect, PipeContext>>[1][]) =>
  given<PipeEffect, PipeContext>(pipeKind, ...events);

describe('one end of a pipe', () => {
  it('is opened, told of the other end, and connected', () => {
    expect(pipe(requested).effects).toEqual([{ type: 'open', codec: 'PCMU', towards: 'de1' }]);
    const sealTo = ['a key', 'another'];
    const asked = said<'PipeRequested', PipeContext>('PipeRequested', {
      ...requestedData,
      sealTo: { keys: sealTo },
    });
    expect(pipe(asked).effects).toEqual([{ type: 'open', codec: 'PCMU', towards: 'de1', sealTo }]);
    const open = pipe(requested, opened);
    expect(open).toMatchObject({
      state: 'live link:open media:idle',
      context: { ours: end(1) },
      effects: [],
    });
    const then = open.when('PipeConnectRequested', { peer: end(2) });
    expect(then.effects).toEqual([{ type: 'connect', peer: end(2), towards: 'de1' }]);
    expect(then.when('PipeConnected', {}).state).toBe('live link:connected media:idle');
  });

  it('bridges and plays as soon as it has a port, when asked before', () => {
    const then = pipe(requested, bridged).when('PipeOpened', { end: end(1) });
    expect(then.effects).toEqual([{ type: 'bridge', peer: 'LE1', hears: false }]);
    const played = { playId: 'PL1', items: [{ silence: 20 }], loop: 1 };
    expect(pipe(requested, opened).when('PlayRequested', played).effects).toEqual([
      { type: 'play', ...played },
    ]);
  });

  it('takes the same peer once', () => {
    const then = pipe(requested, opened, connectAsked, connected);
    expect(then.when('PipeConnectRequested', { peer: end(2) }).taken).toBe(false);
    expect(then.when('PipeConnectRequested', { peer: end(3) }).effects).toEqual([
      { type: 'connect', peer: end(3), towards: 'de1' },
    ]);
  });

  it.each([
    ['is refused', 'PipeRefused', { code: 'media.no-ports', message: 'None' }, 'media-failed', 'gateway'],
    ['is not needed any more', 'PipeEndRequested', { reason: 'completed' }, 'completed', 'router'],
    ['loses its process', 'OwnerRestarted', { node: 'ie1/gw1' }, 'restarted', 'gateway'],
  ] as const)('gives everything back when it %s', (_when, type, data, reason, by) => {
    for (const before of [pipe(requested), pipe(requested, opened, connectAsked, connected, bridged)]) {
      const then = before.when(type, data as never);
      expect(then.effects).toMatchObject([{ type: 'close', end: { reason, by } }]);
      const over = then.when('PipeEnded', { reason, by });
      expect(over).toMatchObject({ state: 'ended', done: true });
    }
  });

  it('gives back again what the process that went away had begun to', () => {
    const then = pipe(requested, opened)
      .when('PipeEndRequested', { reason: 'completed' })
      .when('OwnerRestarted', { node: 'ie1/gw1' });
    expect(then.effects).toMatchObject([{ type: 'close', end: { reason: 'completed' } }]);
  });
});
