import { describe, expect, it } from '@jest/globals';
import { createGroupCommit } from '@tandem/actors/stores/sqlite';
import { endWhenBroken } from './end-when-broken.ts';

describe('a process whose store broke', () => {
  it('says so and ends with status 1, before what was not stored is answered', async () => {
    const happened: string[] = [];
    const broke = endWhenBroken(
      { fatal: (_fields: object, text: string) => happened.push(text) } as never,
      (status) => happened.push(`exit ${status}`),
    );
    const group = createGroupCommit({
      transaction: {
        begin() {},
        commit() {},
        sync: async () => {
          throw new Error('EIO');
        },
        rollback() {},
      },
      maxBatch: 10,
      maxWaiting: 100,
      patience: 1,
      overloaded: () => new Error('overloaded'),
      failed: (error) => new Error('failed', { cause: error }),
      isBeyondTrust: () => false,
      broke,
      committed() {},
    });
    await group.run(1, () => 1).catch(() => happened.push('answered'));
    expect(happened).toEqual([
      expect.stringContaining('the disk failed the event store'),
      'exit 1',
      'answered',
    ]);
  });
});
