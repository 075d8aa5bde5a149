import type { CallSubject, ChoosePath } from '../../machines/execution/index.ts';
import type { EndpointType, PathLeg, Subject } from '../../routing/question/index.ts';

// What a call's legs are to the routing policy.

/**
 * Whom a question is about. The caller's leg is inbound, the others are outbound.
 *
 * @param called whom the leg calls that it is about; undefined when it is about the caller's own
 */
export function subjectOf(
  { callSid, accountSid, from, to }: CallSubject,
  called: string | undefined,
  time: number,
): Subject {
  const [fromType, toType] = [typeOf(from), typeOf(called ?? to)];
  return {
    callSid,
    from,
    to: called ?? to,
    mediaTypes: ['audio'],
    time,
    ...(called === undefined
      ? { direction: 'inbound' }
      : { direction: 'outbound', directions: ['inbound', 'outbound'] }),
    ...(accountSid !== '' && { accountSid }),
    ...(fromType && { fromType }),
    ...(toType && { toType }),
  };
}

/** What an endpoint is, where it shows. */
const typeOf = (endpoint: string): EndpointType | undefined => {
  if (/^sips?:/i.test(endpoint)) return 'sip';
  return /^\+?[\d*#]+$/.test(endpoint) ? 'pstn' : undefined;
};

/** What is taken to be a leg's codec as long as that is not known: what every telephone has. */
const USUAL_CODEC = 'PCMU';

export const pathLeg = ({ legId, region, gateway, codec }: ChoosePath['legs'][number]): PathLeg => ({
  legId,
  region,
  gateway,
  mediaTypes: ['audio'],
  codecs: [codec ?? USUAL_CODEC],
});
