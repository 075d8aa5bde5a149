import { describe, expect, it } from '@jest/globals';
import { checkPolicyList } from './policy-list.ts';

const sid = `AC${'1'.repeat(32)}`;
const config = {
  main: 'us1',
  regions: ['ie1', 'de1'],
  accounts: [{ sid, authToken: 'a-token-that-is-no-secret', name: 'Some', operator: false }],
};
function complaint(list: unknown): string {
  try {
    checkPolicyList(list, config);
    return '';
  } catch (error) {
    return (error as Error).message.split('\n').slice(1, -1).join('\n');
  }
}

describe('a list of policies from outside', () => {
  it('is taken when it could stand in the configuration', () => {
    const list = [{ name: 'home', when: { accounts: [sid] }, only: ['ie1'], liveCalls: 'move' }];
    expect(checkPolicyList(list, config)).toEqual(list);
    expect(checkPolicyList([], config)).toEqual([]);
  });

  it.each([
    [
      [{ name: 'x', prohibit: ['ie2'] }],
      '  policies[0].prohibit[0] is ie2, which is no region here; write ie1.',
    ],
    [[{ name: 'x', prohibits: ['ie1'] }], /policies\[0\]\.prohibits is no key .* "prohibit"/],
    [[{ name: 'x', liveCalls: 'go' }], /policies\[0\]\.liveCalls is "go"; write/],
    [{ name: 'x' }, /policies is a group of keys; write/],
    [undefined, /policies is missing; write/],
    [[null], /policies\[0\] is empty; write/],
  ])('is refused with what to write instead: %j', (list, says) => {
    expect(complaint(list)).toEqual(typeof says === 'string' ? says : expect.stringMatching(says));
  });

  it('shows nobody the environment', () => {
    expect(complaint([{ name: '${HOME}', prohibit: ['ie1'] }])).toContain('is "${HOME}"');
  });
});
