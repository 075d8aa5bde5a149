import type { Messages, PathNode, PipeEnd } from '@tandem/proto/generated/events.ts';
import { derivedSid } from '../../events/index.ts';

/** One end of a pipe of a path. */
export interface PipeHalf {
  readonly id: string;
  /** Index of the node where it is. */
  readonly node: number;
  readonly status: 'requested' | 'open' | 'connected';
  readonly end?: PipeEnd;
}

/** A way for media: through the gateways of its nodes, with a pipe from each to the next. */
export interface MediaPath {
  readonly id: string;
  /** The leg at its first node. */
  readonly from: string;
  /** The leg at its last node; absent where a service is at the end of it. */
  readonly to?: string;
  readonly nodes: readonly PathNode[];
  /** Two for each hop: of nodes 0 and 1, of 1 and 2, and so on. */
  readonly pipes: readonly PipeHalf[];
}

/** A path as the policy chose it, with nothing of it there yet. Its pipes' ids follow from its own. */
export function plannedPath({ pathId, from, to, nodes }: Messages['MediaPathChosen']): MediaPath {
  const pipes = nodes.slice(1).flatMap((_node, hop): PipeHalf[] => [
    { id: derivedSid('PI', pathId, `hop ${hop} near`), node: hop, status: 'requested' },
    { id: derivedSid('PI', pathId, `hop ${hop} far`), node: hop + 1, status: 'requested' },
  ]);
  return { id: pathId, from, to, nodes, pipes };
}

/** Where something of a path is. */
export const nodeOf = (path: MediaPath, pipeId: string): PathNode | undefined => {
  const half = path.pipes.find(({ id }) => id === pipeId);
  return half && path.nodes[half.node];
};

export const hasPipe = (path: MediaPath | undefined, pipeId: string): boolean =>
  path?.pipes.some(({ id }) => id === pipeId) ?? false;

export const changePipe = (path: MediaPath, pipeId: string, changes: Partial<PipeHalf>): MediaPath => ({
  ...path,
  pipes: path.pipes.map((half) => (half.id === pipeId ? { ...half, ...changes } : half)),
});

/** The other end of the pipe that this is one end of. */
export function twinOf(path: MediaPath, pipeId: string): PipeHalf | undefined {
  const index = path.pipes.findIndex(({ id }) => id === pipeId);
  return index < 0 ? undefined : path.pipes[index ^ 1];
}

/** Whether packets would go all the way. */
export const isReady = ({ pipes }: MediaPath): boolean => pipes.every(({ status }) => status === 'connected');

/** What is to be joined at each node: the legs at the ends, the pipes between them. */
export function joints({ from, to, nodes, pipes }: MediaPath): readonly [a: string, b: string | undefined][] {
  return nodes.map((_node, index) => [
    index === 0 ? from : pipes[2 * index - 1]!.id,
    index === nodes.length - 1 ? to : pipes[2 * index]!.id,
  ]);
}

/** Where the service at the end of a path speaks: its last pipe. */
export const speakerOf = ({ to, pipes }: MediaPath): string | undefined =>
  to === undefined ? pipes.at(-1)?.id : undefined;

/** Whether two paths lead between the same ends through the same places in the same way. */
export const isSameWay = (one: MediaPath, other: MediaPath): boolean =>
  one.from === other.from &&
  one.to === other.to &&
  one.nodes.length === other.nodes.length &&
  one.nodes.every((node, index) => isSameNode(node, other.nodes[index]!));

const isSameNode = (one: PathNode, other: PathNode): boolean =>
  one.region === other.region &&
  one.gateway === other.gateway &&
  one.codec === other.codec &&
  one.services.join() === other.services.join();

/** Whether any of it is in a gateway. */
export const passes = (
  path: MediaPath | undefined,
  { region, gateway }: { readonly region: string; readonly gateway: string },
): boolean => path?.nodes.some((node) => node.region === region && node.gateway === gateway) ?? false;
