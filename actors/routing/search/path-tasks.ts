import type { Need, PathLeg } from '../question/index.ts';
import type { BranchTask, Slot } from './path-search.ts';

/** A branch in words: its legs, the needs that are its own, and the codecs on either side. */
export interface BranchPlan {
  readonly legs: readonly PathLeg[];
  /** The need that is its other end. */
  readonly end?: Need;
  readonly passes: readonly Need[];
  readonly sides: readonly Need[];
  /** The codec that both ends take; absent when they have none in common. */
  readonly codec?: string;
}

const transcoding: Need = { service: 'transcoding', kind: 'intermediary' };

/** Which branches the media of a call has: who is joined with whom or with what, and what each has to pass. */
export function planBranches(legs: readonly PathLeg[], needs: readonly Need[]): BranchPlan[] {
  const ends = needs.filter(({ kind }) => kind === 'endpoint');
  const forAll = ends.filter(({ legId }) => legId === undefined);
  const joined =
    forAll.length > 0
      ? legs.flatMap((leg) => forAll.map((end) => ({ legs: [leg], end })))
      : legs.slice(1).map((leg) => ({ legs: [legs[0]!, leg] }));
  const single = ends
    .filter(({ legId }) => legId !== undefined)
    .flatMap((end) => legs.filter(({ legId }) => legId === end.legId).map((leg) => ({ legs: [leg], end })));
  const alone = legs.length === 1 && joined.length + single.length === 0 ? [{ legs: [legs[0]!] }] : [];
  const branches: { legs: PathLeg[]; end?: Need }[] = [...joined, ...single, ...alone];
  return branches.map(({ legs: ofBranch, end }, index) => {
    const codec = commonCodec(ofBranch);
    const own = (kind: Need['kind']): Need[] =>
      needs.filter((need) => need.kind === kind && firstFor(need, branches, ofBranch) === index);
    const passes = own('intermediary');
    const needsCoding = codec === undefined && !passes.some(({ service }) => service === 'transcoding');
    return {
      legs: ofBranch,
      codec,
      sides: own('side'),
      ...(end && { end }),
      passes: needsCoding ? [transcoding, ...passes] : passes,
    };
  });

  /** A leg’s own need is served on the first of its branches, everybody’s on each. */
  function firstFor(need: Need, all: readonly { legs: PathLeg[] }[], here: PathLeg[]): number {
    return all.findIndex(({ legs: some }) =>
      need.legId === undefined ? some === here : some.some(({ legId }) => legId === need.legId),
    );
  }
}

/** The codec that legs have in common, the first leg’s best. Unknown codecs are taken to fit. */
export function commonCodec([first, second]: readonly PathLeg[]): string | undefined {
  const [mine = [], theirs = []] = [first?.codecs, second?.codecs];
  if (!second || mine.length === 0 || theirs.length === 0) return mine[0] ?? theirs[0] ?? '';
  const has = new Set(theirs.map((codec) => codec.toLowerCase()));
  return mine.find((codec) => has.has(codec.toLowerCase()));
}

/** Branches with the services that they need as slots to fill; a shared need has one slot for all of them. */
export function tasksOf(
  plans: readonly BranchPlan[],
  gatewayOf: (leg: PathLeg) => number,
  together: boolean,
): { branches: BranchTask[]; slots: Slot[] } {
  const slots: Slot[] = [];
  const shared = new Map<Need, number>();
  const slotOf = (need: Need): number => {
    const known = shared.get(need);
    if (known !== undefined) return known;
    slots.push({ service: need.service });
    if ((together || need.shared) && need !== transcoding) shared.set(need, slots.length - 1);
    return slots.length - 1;
  };
  const branches = plans.map(({ legs: [first, second], end, passes, sides }) => ({
    start: gatewayOf(first!),
    end: second && !end ? gatewayOf(second) : -1,
    passes: passes.map(slotOf),
    endSlot: end ? slotOf(end) : -1,
    sides: sides.map(slotOf),
  }));
  return { branches, slots };
}
