import { hash } from 'node:crypto';

/**
 * The router that a call goes to, of those that could take it: rendezvous hashing, so that everybody who has the same
 * routers to choose from chooses the same one, and only the calls of a router that goes away go elsewhere.
 */
export function chooseRouter(callSid: string, routers: readonly string[]): string | undefined {
  let best: string | undefined;
  let most = '';
  for (const router of routers) {
    const score = hash('sha256', `${router}\n${callSid}`, 'hex');
    if (best === undefined || score > most || (score === most && router > best)) {
      best = router;
      most = score;
    }
  }
  return best;
}
