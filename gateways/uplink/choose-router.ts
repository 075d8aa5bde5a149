import { hashText, rendezvous } from '@tandem/actors/routing/search';

/**
 * The router that a call goes to, of those that could take it: rendezvous hashing, so that everybody who has the same
 * routers to choose from chooses the same one, and only the calls of a router that goes away go elsewhere.
 */
export function chooseRouter(callSid: string, routers: readonly string[]): string | undefined {
  const key = hashText(callSid);
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const router of routers) {
    const value = rendezvous(key, hashText(router), 1);
    // Two of one value are told apart by their names, in whatever order they stand.
    if (value > least || (value === least && best !== undefined && router > best)) continue;
    best = router;
    least = value;
  }
  return best;
}
