import type { Policy } from '../policy/index.ts';
import type { PathRequest } from '../question/index.ts';
import { RuleBook } from '../search/index.ts';
import { placesOf } from './choose-path.ts';

/**
 * Why media may not pass one of these regions, by the policies that apply to the question; undefined where it may pass
 * all of them. What is known of the network has no say in it: a prohibition holds while nothing is heard of a region.
 */
export function whyProhibited(
  regions: readonly string[],
  request: PathRequest,
  policies: readonly Policy[],
): string | undefined {
  if (policies.length === 0) return undefined;
  const { media } = new RuleBook(policies, regions).rulesFor(request, placesOf(request));
  return media.whyNot.find((why) => why !== undefined);
}
