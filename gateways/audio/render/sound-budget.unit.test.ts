import { describe, expect, it } from '@jest/globals';
import { SoundBudget } from './sound-budget.ts';

describe('the budget of sound that is held', () => {
  it('bounds an account, whom others do not suffer for, and all together', () => {
    const budget = new SoundBudget({ inAll: 100, perAccount: 40 });
    budget.hold('a', 40);
    expect(() => budget.hold('a', 1)).toThrow(/calls of one account play now have reached 40 bytes/);
    budget.hold('b', 40);
    budget.hold('c', 20);
    expect(() => budget.hold('d', 1)).toThrow(/all calls of this gateway play now have reached 100 bytes/);
    expect(budget.held).toBe(100);
  });

  it('has room again for what was given back, and counts nothing that was refused', () => {
    const budget = new SoundBudget({ inAll: 100, perAccount: 40 });
    budget.hold('a', 40);
    expect(() => budget.hold('a', 10)).toThrow();
    budget.hold('a', -40);
    expect(budget.held).toBe(0);
    budget.hold('a', 40);
    expect(budget.held).toBe(40);
  });
});
