import type { NaptrRecord, SipResolver, SrvRecord } from '../locate/sip-resolver.ts';

/** What a test's DNS holds. */
export interface Records {
  readonly naptr?: Readonly<Record<string, readonly NaptrRecord[]>>;
  readonly srv?: Readonly<Record<string, readonly SrvRecord[]>>;
  readonly addresses?: Readonly<Record<string, readonly string[]>>;
}

/** DNS for a test. What it does not hold is not there; `asked` gets each question. */
export const records = (held: Records, asked: string[] = []): SipResolver => {
  const look =
    <T>(kind: string, names: Readonly<Record<string, readonly T[]>> = {}) =>
    async (name: string): Promise<readonly T[]> => {
      asked.push(`${kind} ${name}`);
      return names[name] ?? [];
    };
  const addresses = look('A', held.addresses);
  return {
    naptr: look('NAPTR', held.naptr),
    srv: look('SRV', held.srv),
    async addresses(host) {
      const found = await addresses(host);
      if (found.length === 0) throw Object.assign(new Error(`ENOTFOUND ${host}`), { code: 'ENOTFOUND' });
      return found;
    },
  };
};
