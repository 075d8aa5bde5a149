import { expect, test } from '@jest/globals';
import { SessionListeners } from './session-listeners.ts';

class Listener {
  readonly told: string[] = [];

  progress({ status }: { status: number }): void {
    this.told.push(`${status}`);
    throw new Error('bug');
  }
}

test('one listener is told of all events that it has methods for, whatever it throws, and others of theirs', () => {
  const errors: unknown[] = [];
  const listeners = new SessionListeners({ onListenerError: (error) => errors.push(error) });
  const [all, others] = [new Listener(), [] as number[]];
  const other = ({ status }: { status: number }) => void others.push(status);
  listeners.listen(all);
  listeners.add('progress', other);
  listeners.emit('progress', { status: 180, phrase: 'Ringing' });
  listeners.emit('confirmed', {});
  listeners.remove('progress', other);
  listeners.emit('progress', { status: 183, phrase: 'Session Progress' });
  expect(all.told).toEqual(['180', '183']);
  expect(others).toEqual([180]);
  expect(errors).toEqual([new Error('bug'), new Error('bug')]);
  expect([listeners.has('progress'), listeners.has('offer')]).toEqual([true, false]);
});
