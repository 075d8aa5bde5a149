import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { standardTimers } from './timers.ts';
import {
  type ClientAction,
  type ClientEvent,
  type ClientMachine,
  type ClientState,
  clientInvite,
  clientNonInvite,
  type Machine,
  type ServerEvent,
  type ServerMachine,
  type Step,
  serverInvite,
  serverNonInvite,
} from './transaction-machines.ts';
import { clientTimers, serverTimers } from './transaction-timers.ts';

/** The states that events lead through, and what was done on the way. */
const walk = <S extends string, E extends string, A>(
  machine: Machine<S, E, A>,
  from: S,
  events: readonly E[],
) => {
  let state = from;
  const actions: A[] = [];
  for (const event of events) {
    const step = machine[state]?.[event];
    if (step === undefined) continue;
    state = step.to;
    actions.push(...step.actions);
  }
  return { state, actions };
};

const client = (machine: ClientMachine, ...events: ClientEvent[]) => walk(machine, 'trying', events);
const server = (machine: ServerMachine, from: 'trying' | 'proceeding', ...events: ServerEvent[]) =>
  walk(machine, from, events);

describe('A client transaction', () => {
  it('of an INVITE acknowledges every copy of a refusal and delivers one', () => {
    expect(client(clientInvite, 'repeat', 'provisional', 'refusal', 'refusal', 'limit')).toEqual({
      state: 'terminated',
      actions: ['send', 'deliver', 'acknowledge', 'deliver', 'acknowledge'],
    });
  });

  it('of an INVITE delivers every 2xx until it ends', () => {
    expect(client(clientInvite, 'success', 'success', 'provisional', 'refusal')).toEqual({
      state: 'accepted',
      actions: ['deliver', 'deliver'],
    });
  });

  it('of an INVITE does not repeat or time out once the peer has rung', () => {
    expect(client(clientInvite, 'provisional', 'repeat', 'limit')).toEqual({
      state: 'proceeding',
      actions: ['deliver'],
    });
  });

  it('of another request goes on repeating after a provisional response', () => {
    expect(client(clientNonInvite, 'provisional', 'repeat', 'limit')).toEqual({
      state: 'terminated',
      actions: ['deliver', 'send', 'report-timeout'],
    });
  });

  it('delivers one final response at most, whatever happens', () => {
    const events = fc.array(
      fc.constantFrom<ClientEvent>('provisional', 'success', 'refusal', 'repeat', 'limit', 'broken'),
    );
    fc.assert(
      fc.property(events, (list) => {
        let state: ClientState = 'trying';
        let ends = 0;
        for (const event of list) {
          const step: Step<ClientState, ClientAction> | undefined = clientNonInvite[state]?.[event];
          if (step === undefined) continue;
          const final = event !== 'provisional' && step.actions.includes('deliver');
          if (final || step.actions.some((a) => a.startsWith('report'))) ends++;
          state = step.to;
        }
        expect(ends).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('A server transaction', () => {
  it('of an INVITE repeats its refusal until the ACK', () => {
    expect(
      server(serverInvite, 'proceeding', 'provisional', 'refusal', 'repeat', 'request', 'ack', 'request'),
    ).toEqual({
      state: 'confirmed',
      actions: ['send', 'send', 'send-again', 'send-again'],
    });
  });

  it('of an INVITE reports that no ACK came', () => {
    expect(server(serverInvite, 'proceeding', 'refusal', 'limit')).toEqual({
      state: 'terminated',
      actions: ['send', 'report-no-ack'],
    });
  });

  it('of an INVITE leaves copies of the request unanswered after a 2xx', () => {
    expect(server(serverInvite, 'proceeding', 'success', 'request', 'success', 'limit')).toEqual({
      state: 'terminated',
      actions: ['send', 'send'],
    });
  });

  it('of another request answers copies as before, and nothing twice', () => {
    expect(server(serverNonInvite, 'trying', 'request', 'success', 'request', 'refusal')).toEqual({
      state: 'completed',
      actions: ['send', 'send-again'],
    });
  });
});

describe('Timers', () => {
  it('are those of RFC 3261, table 4', () => {
    const t = standardTimers;
    expect(clientTimers(true, 'trying', false, t)).toMatchObject({ repeat: 500, limit: 32_000 }); // A, B
    expect(clientTimers(true, 'completed', false, t)).toEqual({ limit: 32_000 }); // D
    expect(clientTimers(true, 'accepted', true, t)).toEqual({ limit: 32_000 }); // M
    expect(clientTimers(false, 'trying', false, t)).toEqual({
      repeat: 500,
      repeatLimit: 4_000,
      limit: 32_000,
    }); // E, F
    expect(clientTimers(false, 'proceeding', false, t)).toMatchObject({ repeat: 4_000, keepsLimit: true });
    expect(clientTimers(false, 'completed', false, t)).toEqual({ limit: 5_000 }); // K
    expect(serverTimers(true, 'completed', false, t)).toEqual({
      repeat: 500,
      repeatLimit: 4_000,
      limit: 32_000,
    }); // G, H
    expect(serverTimers(true, 'confirmed', false, t)).toEqual({ limit: 5_000 }); // I
    expect(serverTimers(false, 'completed', false, t)).toEqual({ limit: 32_000 }); // J
    expect(serverTimers(true, 'accepted', true, t)).toEqual({ limit: 32_000 }); // L
  });

  it('repeat nothing and wait for no stragglers over reliable transports', () => {
    const t = standardTimers;
    expect(clientTimers(true, 'trying', true, t)).toEqual({ limit: 32_000 });
    expect(clientTimers(true, 'completed', true, t)).toEqual({ limit: 0 });
    expect(clientTimers(false, 'completed', true, t)).toEqual({ limit: 0 });
    expect(serverTimers(true, 'completed', true, t)).toEqual({ limit: 32_000 });
    expect(serverTimers(true, 'confirmed', true, t)).toEqual({ limit: 0 });
    expect(serverTimers(false, 'completed', true, t)).toEqual({ limit: 0 });
  });
});
