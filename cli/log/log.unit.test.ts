import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { TandemError } from '@tandem/actors/errors';
import { createLog } from './log.ts';

function capture(isTTY: boolean) {
  const lines: string[] = [];
  return { lines, isTTY, write: (text: string) => lines.push(text) };
}

describe('createLog', () => {
  it('writes JSON with the level by name when it is not on a terminal', () => {
    const stream = capture(false);
    createLog('ie1', {}, stream).info({ call: 'CA1' }, 'call received');
    expect(JSON.parse(stream.lines[0]!)).toMatchObject({
      level: 'info',
      name: 'ie1',
      call: 'CA1',
      msg: 'call received',
    });
  });

  it('writes one readable line on a terminal', () => {
    const stream = capture(true);
    createLog('ie1', {}, stream).warn({ call: 'CA1' }, 'no route');
    const plain = stripVTControlCharacters(stream.lines[0]!);
    expect(plain).toMatch(/^\d\d:\d\d:\d\d\.\d{3} warn {2}ie1 no route call='CA1'\n$/);
  });

  it('writes nothing below TANDEM_LOG and refuses a level that is none', () => {
    const stream = capture(false);
    createLog('ie1', { TANDEM_LOG: 'error' }, stream).warn('unimportant');
    expect(stream.lines).toEqual([]);
    expect(() => createLog('ie1', { TANDEM_LOG: 'loud' }, stream)).toThrow(/TANDEM_LOG is "loud"/);
  });

  it('replaces secrets wherever they are, in fields and in the fields of a child', () => {
    const stream = capture(false);
    const log = createLog('us1', {}, stream).child({ account: { sid: 'AC1', authToken: 'hush-1' } });
    log.info({
      trunks: [{ name: 'carrier', password: 'hush-2' }],
      request: { headers: { Authorization: 'Digest hush-3' } },
      headers: new Map([['authorization', 'hush-4']]),
    });
    expect(stream.lines[0]).not.toContain('hush');
    expect(stream.lines[0]).toContain('"name":"carrier"');
    expect(stream.lines[0]!.match(/\[secret\]/g)).toHaveLength(4);
  });

  it('ends with a cyclic field', () => {
    const stream = capture(false);
    const cyclic: Record<string, unknown> = { name: 'loop' };
    cyclic.self = cyclic;
    createLog('us1', {}, stream).info({ cyclic }, 'still here');
    expect(JSON.parse(stream.lines[0]!).msg).toBe('still here');
  });

  it("keeps a peer's control characters off the terminal", () => {
    const stream = capture(true);
    createLog('ie1', {}, stream).info('From: \x1b[2Jevil');
    expect(stream.lines[0]).toContain('From: \\x1b[2Jevil');
  });

  it("gives an error's code and message, and a stack only to the unexpected", () => {
    const stream = capture(false);
    const log = createLog('ie1', {}, stream);
    log.error({ err: new TandemError('store.closed', { store: 'SQLite' }) }, 'append');
    log.error({ err: new Error('unexpected') }, 'append');
    expect(JSON.parse(stream.lines[0]!).err).toEqual({ code: 'store.closed', message: expect.any(String) });
    expect(JSON.parse(stream.lines[1]!).err.stack).toContain('log.unit.test.ts');
  });
});
