import { dirname } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isOnPath, needProgram } from './need-program.ts';

describe('needProgram', () => {
  it('gives the ordinary `it` for a program that is there', () => {
    expect(needProgram('node', 'npm ci', { PATH: dirname(process.execPath) })).toBe(it);
  });

  it('does not find a program that is in no directory of PATH', () => {
    expect(isOnPath('no-such-program', { PATH: dirname(process.execPath) })).toBe(false);
    expect(isOnPath('node', {})).toBe(false);
  });
});
