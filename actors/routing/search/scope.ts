import type { Party, Policy, Scope } from '../policy/index.ts';
import { createHoursTest } from '../policy/index.ts';
import type { Subject } from '../question/index.ts';

/** Where the two ends of a call are, as far as it is known or is being tried. */
export interface Places {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

type Test = (subject: Subject, places: Places) => boolean;

/** Whether a policy is for a call. */
export function createScopeTest({ when = {} }: Policy): Test {
  const tests = testsOf(when);
  return (subject, places) => tests.every((test) => test(subject, places));
}

/** Whether what a policy is for depends on where the call's legs are. */
export const dependsOnPlaces = ({ when }: Policy): boolean =>
  when?.regions !== undefined || when?.from?.regions !== undefined || when?.to?.regions !== undefined;

/** The accounts whose calls a policy can be for; undefined when it can be for any. */
export const accountsOf = ({ when }: Policy): readonly string[] | undefined =>
  when?.subaccounts ?? when?.accounts;

function testsOf(when: Scope): Test[] {
  const { accounts, subaccounts, endpoints, regions, from, to, directions, media, hours } = when;
  const within = hours?.map(createHoursTest);
  const isEndpoint = endpoints && endpointTest(endpoints);
  const tests: (Test | undefined)[] = [
    accounts &&
      (({ accountSid, parentAccountSid }) => has(accounts, accountSid) || has(accounts, parentAccountSid)),
    subaccounts && (({ accountSid }) => has(subaccounts, accountSid)),
    isEndpoint && ((subject) => isEndpoint(subject.from) || isEndpoint(subject.to)),
    regions && ((_, places) => places.from.some(isIn(regions)) || places.to.some(isIn(regions))),
    from && partyTest(from, (subject) => [subject.from, subject.fromType], 'from'),
    to && partyTest(to, (subject) => [subject.to, subject.toType], 'to'),
    directions && ((subject) => directionsOf(subject).some(isIn(directions))),
    media && (({ mediaTypes = ['audio'] }) => mediaTypes.some(isIn(media))),
    within && (({ time }) => within.some((test) => test(time))),
  ];
  return tests.filter((test) => test !== undefined);
}

function partyTest(
  { endpoints, regions, types }: Party,
  endOf: (subject: Subject) => readonly [endpoint: string, type: string | undefined],
  end: keyof Places,
): Test {
  const isEndpoint = endpoints && endpointTest(endpoints);
  return (subject, places) => {
    const [endpoint, type] = endOf(subject);
    return (
      (!isEndpoint || isEndpoint(endpoint)) &&
      (!types || has(types, type)) &&
      (!regions || places[end].some(isIn(regions)))
    );
  };
}

const directionsOf = ({ direction, directions = [direction] }: Subject): readonly string[] => directions;

const isIn = (list: readonly string[]) => (one: string) => list.includes(one);
const has = (list: readonly string[], one: string | undefined): boolean =>
  one !== undefined && list.includes(one);

/** Endpoints are compared without regard to case: SIP hosts have none, and numbers no letters. */
function endpointTest(patterns: readonly string[]): (endpoint: string) => boolean {
  const all = patterns.map((pattern) => pattern.toLowerCase());
  const whole = new Set(all.filter((pattern) => !pattern.endsWith('*')));
  const beginnings = all.filter((pattern) => pattern.endsWith('*')).map((pattern) => pattern.slice(0, -1));
  return (endpoint) => {
    const text = endpoint.toLowerCase();
    return whole.has(text) || beginnings.some((beginning) => text.startsWith(beginning));
  };
}
