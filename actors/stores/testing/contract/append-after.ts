import { describe, expect, it } from '@jest/globals';
import { idsOf, testEvents } from '../events.ts';
import type { ContractSubject } from './subject.ts';

/** Appends that follow from others, and such as nobody waits for. */
export const appendAfterContract = (subject: ContractSubject): void => {
  const { freshStream, streamIds } = subject;

  describe('appends that follow from others', () => {
    it('stores them with those, and after them in the order of all events', async () => {
      const [before, after] = [freshStream(), freshStream()];
      const [first, second] = [testEvents(2), testEvents(1)];
      const cause = subject.store.append(before, 'no-stream', first);
      await subject.store.append(after, 'no-stream', second, { after: [cause] });
      expect(await streamIds(before)).toEqual(idsOf(first));
      expect(await streamIds(after)).toEqual(idsOf(second));
      const order: string[] = [];
      for await (const { stream } of subject.store.readAll())
        if (stream === before || stream === after) order.push(stream);
      expect(order).toEqual([before, before, after]);
    });

    it('stores none of them when those are not stored', async () => {
      const [taken, stream, last] = [freshStream(), freshStream(), freshStream()];
      await subject.store.append(taken, 'no-stream', testEvents(1));
      const cause = subject.store.append(taken, 'no-stream', testEvents(1));
      const effect = subject.store.append(stream, 'no-stream', testEvents(1), { after: [cause] });
      const next = subject.store.append(last, 'no-stream', testEvents(1), { after: [effect] });
      await expect(cause).rejects.toMatchObject({ code: 'store.wrong-revision' });
      await expect(effect).rejects.toMatchObject({ code: 'store.not-preceded' });
      await expect(next).rejects.toMatchObject({ code: 'store.not-preceded' });
      expect(await streamIds(stream)).toEqual([]);
      expect(await streamIds(last)).toEqual([]);
    });

    it('stores one after an append that was refused at once no more than after another', async () => {
      const stream = freshStream();
      const refused = subject.store.append(freshStream(), 'no-stream', []);
      const effect = subject.store.append(stream, 'no-stream', testEvents(1), { after: [refused] });
      await expect(refused).rejects.toMatchObject({ code: 'store.invalid-append' });
      await expect(effect).rejects.toMatchObject({ code: 'store.not-preceded' });
    });

    it('stores what nobody waits for, and what follows it', async () => {
      const stream = freshStream();
      const [first, second] = [testEvents(2), testEvents(1)];
      const patient = subject.store.append(stream, 'no-stream', first, { patient: true });
      const next = subject.store.append(stream, 1, second, { after: [patient] });
      expect([(await patient).revision, (await next).revision]).toEqual([1, 2]);
      expect(await streamIds(stream)).toEqual(idsOf([...first, ...second]));
    });

    it('stores what nobody waits for also when nothing else comes', async () => {
      const stream = freshStream();
      const events = testEvents(1);
      await subject.store.append(stream, 'no-stream', events, { patient: true });
      expect(await streamIds(stream)).toEqual(idsOf(events));
    });
  });
};
