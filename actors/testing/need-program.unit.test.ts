import { dirname } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type DeclareTest, isOnPath, needProgram } from './need-program.ts';

const PATH = dirname(process.execPath);

/** Stands in for `it` and keeps what was declared. */
function recorder() {
  const declared: { name: string; skipped: boolean; test: () => Promise<void> | void }[] = [];
  const declare: DeclareTest = (name, test) => declared.push({ name, skipped: false, test });
  const skip: DeclareTest = (name, test) => declared.push({ name, skipped: true, test });
  return { declared, declare: Object.assign(declare, { skip }) };
}

describe('needProgram', () => {
  it('gives the ordinary `it` for a program that is there', () => {
    expect(needProgram('node', 'npm ci', { PATH, CI: 'true' })).toBe(it);
  });

  it('skips a test whose program is not there, with the reason in its name', () => {
    const { declared, declare } = recorder();
    needProgram('no-such-program', 'apt-get install it', { PATH }, declare)('rings', () => {});
    expect(declared).toMatchObject([
      { name: 'rings (needs no-such-program: apt-get install it)', skipped: true },
    ]);
  });

  it('fails that test under CI=true', () => {
    const { declared, declare } = recorder();
    needProgram('no-such-program', 'apt-get install it', { PATH, CI: 'true' }, declare)('rings', () => {});
    expect(declared).toMatchObject([{ name: 'rings', skipped: false }]);
    expect(declared[0]!.test).toThrow('This test needs no-such-program: apt-get install it');
  });

  it('looks in the directories of PATH only', () => {
    expect(isOnPath('node', { PATH })).toBe(true);
    expect(isOnPath('node', {})).toBe(false);
  });
});
