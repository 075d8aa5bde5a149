import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { pruneJournal } from '@tandem/actors/retention';
import { openSqliteCheckpoints, openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import type { SipPhone } from '@tandem/phones';
import { pages } from './harness/application-server.ts';
import { hearEachOther, talk } from './harness/conversation.ts';
import { ACCOUNT, Network, NUMBER } from './harness/network.ts';
import { callFrom, openPhone, type PhonePeer, picksUp } from './harness/phone-peer.ts';

// Both processes are killed in a conversation, their stores are pruned of everything that is over, and they are started
// again: the conversation goes on, the gateway is taken for what it is, and what was removed is still listed.

let network: Network;
const phones: SipPhone[] = [];
beforeAll(async () => {
  network = await Network.start({
    application: pages({ '/voice': '<Response><Dial><Number>+15550142</Number></Dial></Response>' }),
  });
});
afterEach(async () => {
  for (const phone of phones.splice(0)) await phone.close();
});
afterAll(async () => {
  expect(await network?.close()).toEqual({ region: 0, main: 0 });
});

const phone = async (number: string, port?: number): Promise<SipPhone> => {
  const opened = await openPhone(number, port);
  phones.push(opened);
  return opened;
};

const callees = () => phone('+15550142', network.carrierPort);

async function conversation(callee: SipPhone): Promise<{ ann: PhonePeer; ben: PhonePeer }> {
  const called = picksUp(callee);
  const ann = await callFrom(await phone('+15550199'), `sip:${NUMBER}@${network.sip}`);
  const ben = await called;
  await talk(ann, ben);
  return { ann, ben };
}

async function pruneOfRegion(): Promise<number> {
  const data = join(network.directory, 'ie1');
  const journal = openSqliteEventStore({ file: join(data, 'journal.db') });
  const checkpoints = openSqliteCheckpoints({ file: join(data, 'checkpoints.db') });
  const readers = ['shipped us1'];
  const removed = await pruneJournal({ journal, checkpoints, readers, age: 0 }, new AbortController().signal);
  checkpoints.close();
  await journal.close();
  return removed;
}

function pruneOfMain(): string {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(import.meta.dirname, '../cli/main.ts'),
      'prune',
      '--older-than',
      '0m',
      '--config',
      join(network.directory, 'us1.yaml'),
    ],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  return stdout;
}

interface Listed {
  readonly calls: readonly {
    readonly sid: string;
    readonly status: string;
    readonly archived_at: string | null;
  }[];
}

const listed = async () => (await network.api<Listed>(`/2010-04-01/Accounts/${ACCOUNT}/Calls.json`)).calls;

/** Resolves when the API lists so many calls and legs, all of which have ended well. */
async function allCompleted(count: number) {
  for (;;) {
    const calls = await listed();
    if (calls.length === count && calls.every(({ status }) => status === 'completed')) return calls;
    await setTimeout(20);
  }
}

test('a conversation goes on beside what is pruned, and after a restart', async () => {
  const callee = await callees();
  const over = await conversation(callee);
  await over.ann.call.hangUp();
  await over.ben.ended;
  await network.settled();
  const before = await allCompleted(2);

  const both = await conversation(callee);
  await network.region.kill();
  await network.main.kill();
  expect(pruneOfMain()).toContain('1 call that ended');
  expect(await pruneOfRegion()).toBeGreaterThanOrEqual(1);
  await network.startMain();
  await network.startRegion();

  await hearEachOther(both.ann, both.ben);
  await both.ann.call.hangUp();
  await both.ben.ended;
  const after = await allCompleted(4);
  const problems = [...network.main.problems, ...network.region.problems].join('\n');
  expect(problems).not.toMatch(/link\.(?:events-missing|journal-conflict|bad-message)|store\./);

  for (const call of before) {
    const now = after.find(({ sid }) => sid === call.sid)!;
    expect(now).toEqual({ ...call, archived_at: expect.any(String) });
    await expect(network.api(`/v1/Calls/${call.sid}/Events`)).rejects.toThrow('410');
  }
  expect(after.filter(({ archived_at }) => archived_at === null)).toHaveLength(2);
});
