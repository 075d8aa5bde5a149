import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { recordCall, sidOf } from '@tandem/actors/history/testing/recorded-call.ts';
import { serializeState } from '@tandem/actors/runtime';
import type { EventStore } from '@tandem/actors/stores/event-store';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';

const START = 1_700_000_000_000;
let directory: string;
/** Stays open for writing, as it is while a main region runs. */
let store: EventStore;
let url: string;
const live = new Map<string, unknown>();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tandem-calls-'));
  const file = join(directory, 'events.db');
  url = `sqlite:${file}`;
  store = openSqliteEventStore({ file });
  for (const [index, name] of ['one', 'two'].entries()) {
    const callee = name === 'two' ? 'is busy' : 'answers';
    const call = await recordCall(store, { name, callee, start: START + index * 60_000 });
    const stream = `call-${call.callSid}`;
    live.set(stream, JSON.parse(serializeState(await call.system.snapshot(stream))));
    await call.close();
  }
});
afterAll(async () => {
  await store.close();
  await rm(directory, { recursive: true });
});

function tandem(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, '..', 'main.ts'), ...args],
    { encoding: 'utf8', env: { PATH: process.env.PATH }, cwd: directory },
  );
  return { status, stdout, stderr };
}

describe('tandem calls', () => {
  it('lists the newest first, within 120 columns', () => {
    const { status, stdout } = tandem('calls', '--store', url);
    expect(status).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^CALL +STARTED \(UTC\) +FROM +TO +STATUS +LASTED +LEGS +WHY IT ENDED$/);
    expect(lines[1]).toContain(sidOf('two'));
    expect(lines[2]).toMatch(
      /^CA[0-9a-f]{32} {2}2023-11-14 22:13:2\d {2}\+15550111 {2}\+15550100 {2}completed +\d\.\d s +2 {2}completed$/,
    );
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(120);
  });

  it('gives one JSON object a call', () => {
    const { stdout } = tandem('calls', '--store', url, '--limit', '1', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      sid: sidOf('two'),
      status: 'completed',
      endReason: 'completed',
      legs: [{ status: 'busy', endStatus: 486, to: '+15550199' }],
    });
  });

  it('says what to do when no store is named', () => {
    const { status, stderr } = tandem('calls');
    expect(status).toBe(1);
    expect(stderr).toContain('main.yaml cannot be read');
  });
});

describe('tandem call', () => {
  it('tells what happened, in order', () => {
    const { status, stdout } = tandem('call', sidOf('one'), '--store', url);
    expect(status).toBe(0);
    expect(stdout).toContain(`${sidOf('one')}  completed`);
    expect(stdout).toContain('callee    +15550199  completed');
    const told = [
      /\+0\.000 s .* caller +LegOffered +new → live dialog:offered media:allocating/,
      /call +CallReceived +new → running\.fetching/,
      /callee +AnswerReceived/,
      /call +CallLegAnswered +running\.dialling\.ringing → running\.dialling\.talking/,
      /↳ to callee: BridgeRequested with caller/,
      /call +CallEnded +concluding → ended/,
    ].map((line) => stdout.search(line));
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told).not.toContain(-1);
    expect(stdout).not.toContain('\x1b');
  });

  it('takes the sid of a dialled leg for its call', () => {
    const [{ legs }] = [JSON.parse(tandem('calls', '--store', url, '--limit', '1', '--json').stdout)];
    expect(tandem('call', legs[0].sid, '--store', url).stdout).toContain(`${sidOf('two')}  completed`);
  });

  it.each([
    ['a part of a sid', () => sidOf('one').slice(0, 12), () => `Did you mean ${sidOf('one')}?`],
    ['a sid of no call', () => `CA${'0'.repeat(32)}`, () => `Its newest is ${sidOf('two')}.`],
  ])('of %s says which call is perhaps meant', (_what, sid, says) => {
    const { status, stderr } = tandem('call', sid(), '--store', url);
    expect(status).toBe(1);
    expect(stderr).toContain(says());
    expect(stderr).toContain('[api.unknown-call]');
  });
});

describe('tandem replay', () => {
  it('rebuilds the state that the live call had', () => {
    const { stdout } = tandem('replay', sidOf('one'), '--store', url, '--json');
    const { events } = JSON.parse(stdout);
    const stream = `call-${sidOf('one')}`;
    const last = events.findLast((event: { stream: string }) => event.stream === stream);
    expect(last).toMatchObject({ type: 'CallEnded', state_after: 'ended' });
    expect(last.snapshot).toEqual(live.get(stream));
  });

  it('shows each event with what it changed', () => {
    const { stdout } = tandem('replay', sidOf('one'), '--store', url);
    expect(stdout).toMatch(/^#0 +caller +LegOffered +2023-11-14T22:13:20\.\d{3}Z$/m);
    expect(stdout).toMatch(/^ {7}legs\.callee\.status +ringing → answered$/m);
    expect(stdout).toMatch(/^ {7}running\.dialling\.ringing → running\.dialling\.talking$/m);
  });

  it('shows every actor at one moment', () => {
    const { stdout } = tandem('replay', sidOf('one'), '--store', url, '--at', '2');
    expect(stdout).toMatch(/^call {2}running\.fetching {2}since #2 CallReceived, call-CA/m);
    expect(stdout).toMatch(/^caller {2}live dialog:offered media:idle {2}since #1/m);
    expect(stdout).not.toMatch(/^callee/m);
    const moment = JSON.parse(tandem('replay', sidOf('one'), '--store', url, '--at', '2', '--json').stdout);
    expect(moment).toMatchObject({ at: 2, actors: [{ actor: 'caller' }, { actor: 'call' }] });
  });

  it('says which moments there are', () => {
    const { status, stderr } = tandem('replay', sidOf('one'), '--store', url, '--at', '999');
    expect(status).toBe(1);
    expect(stderr).toMatch(/has events 0 to \d+, no event 999/);
    expect(tandem('replay', sidOf('one'), '--at', 'x').status).toBe(2);
  });
});
