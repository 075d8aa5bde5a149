import { describe, expect, it } from '@jest/globals';
import type { ShippedEvent } from '@tandem/actors/link';
import fc from 'fast-check';
import { type ShipmentLimits, Shipments } from './shipments.ts';

const LIMITS: ShipmentLimits = {
  batchEvents: 3,
  batchBytes: 100,
  windowEvents: 6,
  windowBytes: 1000,
  shippingEvents: 10,
  shippingBytes: 10_000,
};
const event = (position: number, bytes = 1): ShippedEvent =>
  ({ position: String(position), data: new Uint8Array(bytes) }) as ShippedEvent;

function given(after = '') {
  const finished: string[] = [];
  const shipments = new Shipments<string>(after, (call) => finished.push(call), LIMITS);
  const offer = (from: number, to: number, call = 'a', router = 'r1') => {
    for (let position = from; position <= to; position++) shipments.offer(event(position), call, router);
  };
  const next = (router = 'r1') =>
    shipments
      .next(router)
      ?.map(({ position }) => position)
      .join(' ');
  return { shipments, offer, next, finished };
}

describe('shipments', () => {
  it('travel in messages, within the window, until they are acknowledged', () => {
    const { shipments, offer, next, finished } = given();
    offer(1, 8);
    expect([next(), next(), next()]).toEqual(['1 2 3', '4 5 6', undefined]);
    expect(shipments.low).toBe('');
    expect(shipments.acknowledge('r1', 1)).toBe(true);
    expect(shipments.low).toBe('3');
    expect(finished).toHaveLength(3);
    expect(next()).toBe('7 8');
    expect(shipments.acknowledge('r1', 3)).toBe(true);
    expect(shipments.low).toBe('8');
    for (const messages of [2, 4, 0.5, -1]) expect(shipments.acknowledge('r1', messages)).toBe(false);
  });

  it('are no more bytes in a message than may be, but for one that is larger', () => {
    const { shipments, next } = given();
    for (const [position, bytes] of [
      [1, 60],
      [2, 60],
      [3, 300],
      [4, 1],
    ] as const)
      shipments.offer(event(position, bytes), 'a', 'r1');
    expect([next(), next(), next(), next()]).toEqual(['1', '2', '3', '4']);
  });

  it('are dealt with in the order of the journal, whoever acknowledges first', () => {
    const { shipments, offer, next } = given('10');
    offer(11, 12, 'a', 'r1');
    shipments.skip('13');
    offer(14, 15, 'b', 'r2');
    expect([next('r1'), next('r2')]).toEqual(['11 12', '14 15']);
    shipments.acknowledge('r2', 1);
    expect(shipments.low).toBe('10');
    shipments.acknowledge('r1', 1);
    expect(shipments.low).toBe('15');
  });

  it('are sent again on another stream, and no acknowledgement of the one before counts', () => {
    const { shipments, offer, next } = given();
    offer(1, 5);
    next();
    shipments.rewind('r1');
    expect(shipments.acknowledge('r1', 1)).toBe(false);
    expect([next(), next()]).toEqual(['1 2 3', '4 5']);
  });

  it('go another way with their call, which the router before has no word about any more', () => {
    const { shipments, offer, next } = given();
    offer(1, 2, 'a');
    offer(3, 3, 'b');
    offer(4, 4, 'a');
    next();
    offer(5, 5, 'a');
    shipments.move('r1', (call) => (call === 'a' ? 'r2' : 'r1'));
    expect(shipments.acknowledge('r1', 1)).toBe(true);
    expect(shipments.low).toBe('');
    expect([next('r2'), next('r2'), next('r1')]).toEqual(['1 2 4', '5', undefined]);
    shipments.acknowledge('r2', 2);
    expect(shipments.low).toBe('5');
  });

  it('are forgotten when the journal is read again, and acknowledged on their stream to no effect', () => {
    const { shipments, offer, next } = given();
    offer(1, 4);
    expect(next()).toBe('1 2 3');
    shipments.restart('');
    expect([shipments.read, shipments.low, next()]).toEqual(['', '', undefined]);
    offer(1, 4);
    expect(next()).toBe('1 2 3');
    expect(shipments.acknowledge('r1', 1)).toBe(true);
    expect(shipments.low).toBe('');
    expect(shipments.acknowledge('r1', 2)).toBe(true);
    expect(shipments.low).toBe('3');
  });

  it('hold the journal up when there are too many', () => {
    const { shipments, offer, next } = given();
    offer(1, 9);
    expect(shipments.hasRoom).toBe(true);
    offer(10, 10);
    expect(shipments.hasRoom).toBe(false);
    next();
    shipments.acknowledge('r1', 1);
    expect(shipments.hasRoom).toBe(true);
  });

  it('all arrive, each call in order, whatever becomes of streams and routers', () => {
    const steps = fc.array(
      fc.tuple(fc.constantFrom('offer', 'send', 'acknowledge', 'break', 'move'), fc.nat(2), fc.nat(2)),
      { maxLength: 200 },
    );
    const routers = ['r0', 'r1', 'r2'];
    fc.assert(
      fc.property(steps, (taken) => {
        const owner = new Map<number, string>([0, 1, 2].map((call) => [call, routers[call]!]));
        const shipments = new Shipments<number>('', () => {}, LIMITS);
        const heard = new Map<number, string[]>();
        const open = new Map(routers.map((router) => [router, { messages: [] as string[][], done: 0 }]));
        const sent: { position: string; call: number }[] = [];
        const send = (router: string) => {
          const message = shipments.next(router);
          if (message) open.get(router)!.messages.push(message.map(({ position }) => position));
          return message !== undefined;
        };
        const acknowledge = (router: string) => {
          const stream = open.get(router)!;
          const message = stream.messages.shift();
          if (!message) return false;
          for (const position of message) {
            const call = sent[Number(position) - 1]!.call;
            heard.set(call, [...(heard.get(call) ?? []), position]);
          }
          stream.done += 1;
          expect(shipments.acknowledge(router, stream.done)).toBe(true);
          return true;
        };
        for (const [step, one, other] of taken) {
          const router = routers[one]!;
          if (step === 'offer') {
            sent.push({ position: String(sent.length + 1), call: other });
            shipments.offer(event(sent.length), other, owner.get(other)!);
          } else if (step === 'send') send(router);
          else if (step === 'acknowledge') acknowledge(router);
          else if (step === 'break') {
            open.set(router, { messages: [], done: 0 });
            shipments.rewind(router);
          } else {
            const before = owner.get(other)!;
            owner.set(other, router);
            shipments.move(before, (call) => owner.get(call)!);
          }
        }
        for (let moved = true; moved; )
          moved = routers.map((router) => send(router) || acknowledge(router)).some(Boolean);
        expect(shipments.low).toBe(sent.at(-1)?.position ?? '');
        for (const call of [0, 1, 2]) {
          const all = sent.filter((one) => one.call === call).map(({ position }) => position);
          // Some come again; but none before all that stand before it have come.
          const first = [...new Set(heard.get(call) ?? [])];
          expect(first).toEqual(all);
        }
      }),
    );
  });
});
