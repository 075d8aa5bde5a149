import { describe, expect, it } from '@jest/globals';
import { createNumberPlan } from './number-plan.ts';

const application = { voiceUrl: 'https://app.example/', voiceMethod: 'POST' };
const plan = createNumberPlan([{ number: '+15550100', accountSid: 'AC1', application }]);

describe('the number plan', () => {
  it.each(['+15550100', '15550100', '+1 (555) 0100', '1-555-0100'])('knows a number as %s', (to) => {
    expect(plan.lookUp(to)).toEqual({ accountSid: 'AC1', application });
  });

  it.each(['+15550101', '5550100', '', 'anna', 'sip:anna@example.com'])('knows nobody at "%s"', (to) => {
    expect(plan.lookUp(to)).toEqual({});
  });

  it('keeps the passwords of URLs to itself, by account and origin', () => {
    const secret = createNumberPlan([
      {
        number: '+15550100',
        accountSid: 'AC1',
        application: {
          voiceUrl: 'https://anna:p%40ss@app.example/voice?x=1',
          voiceMethod: 'POST',
          fallbackUrl: 'https://bob:word@other.example/',
        },
      },
    ]);
    expect(secret.lookUp('+15550100').application).toEqual({
      voiceUrl: 'https://app.example/voice?x=1',
      voiceMethod: 'POST',
      fallbackUrl: 'https://other.example/',
    });
    const anna = { username: 'anna', password: 'p@ss' };
    expect(secret.loginFor('AC1', 'https://app.example/voice?x=1')).toEqual(anna);
    expect(secret.loginFor('AC1', 'https://app.example/next')).toEqual(anna);
    expect(secret.loginFor('AC1', 'http://app.example/next')).toBeUndefined();
    expect(secret.loginFor('AC2', 'https://app.example/voice?x=1')).toBeUndefined();
  });

  it('takes the digits in a SIP URI for no number', () => {
    expect(plan.lookUp('sip:anna@1.5550100')).toEqual({});
    expect(plan.lookUp('sip:1@555.01.0.0')).toEqual({});
  });
});
