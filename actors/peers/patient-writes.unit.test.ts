import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { patientWrites } from './patient-writes.ts';

afterEach(() => {
  jest.useRealTimers();
});

function recorded() {
  jest.useFakeTimers();
  const written: string[] = [];
  return { written, writes: patientWrites<string>((message) => written.push(message), 10) };
}

describe('patient writes', () => {
  it('writes at once what somebody waits for', () => {
    const { written, writes } = recorded();
    writes.write('command');
    expect(written).toEqual(['command']);
  });

  it('writes what nobody waits for before that', () => {
    const { written, writes } = recorded();
    writes.writeSoon('first');
    writes.writeSoon('second');
    expect(written).toEqual([]);
    writes.write('command');
    expect(written).toEqual(['first', 'second', 'command']);
    jest.advanceTimersByTime(100);
    expect(written).toHaveLength(3);
  });

  it('writes it after a moment when nothing else is said', () => {
    const { written, writes } = recorded();
    writes.writeSoon('first');
    jest.advanceTimersByTime(6);
    writes.writeSoon('second');
    jest.advanceTimersByTime(4);
    expect(written).toEqual(['first', 'second']);
    writes.writeSoon('third');
    jest.advanceTimersByTime(10);
    expect(written).toEqual(['first', 'second', 'third']);
  });

  it('writes what waits when it is told to, and nothing after it was stopped', () => {
    const { written, writes } = recorded();
    writes.writeSoon('first');
    writes.flush();
    writes.writeSoon('second');
    writes.stop();
    jest.advanceTimersByTime(100);
    expect(written).toEqual(['first']);
  });
});
