import { define } from './define.ts';

/** What an account may not do, and so what a tenant's calls are refused with. */
export const accountErrors = {
  'account.too-many-calls': define<{ account: string; limit: number }>(
    486,
    (p) => `Account ${p.account} has ${p.limit} calls and legs at once, which is its limit.`,
    'Wait until some have ended, or raise limits.calls of the account. Look first whether a number of the account dials itself.',
  ),
  'account.calls-too-fast': define<{ account: string; limit: number }>(
    486,
    (p) =>
      `Account ${p.account} began more than ${p.limit} calls and legs within a second, which is its limit.`,
    'Begin them more slowly, or raise limits.callsPerSecond of the account.',
  ),
  'account.destination-not-allowed': define<{ account: string; to: string; prefix: string }>(
    403,
    (p) =>
      p.prefix === ''
        ? `Account ${p.account} may not call ${p.to}: it is in none of the account's destinations.`
        : `Account ${p.account} may not call ${p.to}: numbers that begin with ${p.prefix} are closed to it.`,
    'Open the number range in limits.destinations.allow of the account. Satellite, premium and international networks are closed unless they are listed there.',
  ),
  'account.caller-id-not-owned': define<{ callerId: string; to: string }>(
    403,
    (p) =>
      `The caller id ${p.callerId} is no number of the account, and no trunk that reaches ${p.to} takes any caller id.`,
    'Call as a number of the account, as a number in its callerIds, or leave callerId out; or set callerIds: any on a trunk whose provider takes any.',
  ),
  'account.trunk-not-for-uri': define<{ to: string; trunk: string; detail: string }>(
    403,
    (p) => `The SIP URI ${p.to} leads to the provider of trunk ${p.trunk}, and ${p.detail}.`,
    "Call a number that begins with a prefix of the trunk, at the trunk's own address; or set sipUris: any on the trunk when anybody may call any SIP URI there.",
  ),
};
