import type { CallFacts } from '@tandem/proto/generated/events.ts';
import { extensionsFor, extensionsOf, type Header, ownText, type SipRequest } from '../message/index.ts';
import { type CallingParty, privacyFields } from './caller-identity.ts';

// A fact that is carried from a peer's INVITE into ours is read and written here, and has a field in `CallFacts`.

/** What a peer's INVITE says of its call besides who calls whom. `trusted`: its trunk is. */
export function factsOf(request: SipRequest, caller: CallingParty, trusted: boolean): CallFacts {
  const forwards = request.headers.get('Max-Forwards');
  const fields = extensionsOf(request.headers, trusted);
  return {
    callerName: caller.name,
    withheld: caller.withheld === undefined ? undefined : ownText(caller.withheld),
    maxForwards: forwards === undefined ? undefined : Number(forwards),
    headers: fields.length === 0 ? undefined : { fields },
  };
}

/**
 * Header fields of an INVITE of ours that say so. The caller's name is in its From, and Max-Forwards a field that each
 * request has.
 *
 * @throws sip.unsafe-header
 */
export const factFields = (
  { from, facts = {} }: { readonly from: string; readonly facts?: CallFacts },
  domain: string,
): Header[] => [
  ...privacyFields({ from, withheld: facts.withheld }, domain),
  ...extensionsFor(facts.headers?.fields ?? []),
];
