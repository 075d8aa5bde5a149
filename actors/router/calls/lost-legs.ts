import { derivedUuid } from '../../events/index.ts';
import type { CommandResult, GatewayPeer, LinkCommand } from '../../link/index.ts';
import type { CallContext } from '../../machines/execution/index.ts';
import { nodeOf } from '../../machines/execution/index.ts';
import { formatGateway, type GatewayId, isCallStream, streamOf } from '../../names/index.ts';
import type { ActorSystem } from '../../runtime/index.ts';
import { Limited } from '../../runtime/index.ts';
import type { EventStore, RecordedEvent } from '../../stores/event-store/index.ts';
import { endInStore } from '../shipping/index.ts';

export interface LostLegsOptions {
  readonly store: EventStore;
  readonly system: Pick<ActorSystem, 'liveStreams' | 'snapshot'>;
  readonly command: (to: GatewayId, command: LinkCommand) => Promise<CommandResult>;
  /** A leg or pipe has ended with this event, which its gateway did not ship. */
  readonly onEnded: (from: GatewayId, event: RecordedEvent) => Promise<void>;
  readonly onError: (error: unknown, stream: string) => void;
  /** Milliseconds since the Unix epoch. */
  readonly now?: () => number;
}

/** Questions that are under way at a time. */
const AT_ONCE = 16;

const LOST = 'Its gateway came back without it: its journal was lost, or is an older copy';

/**
 * Finds the legs and pipes that a gateway has lost. A process that was started anew has what its journal has; when that
 * was lost, or came from a backup, nobody would ever say that the others are over. So each new process is asked for what
 * the calls of this router have there, and what it has never heard of ends.
 */
export class LostLegs {
  readonly #options: LostLegsOptions;
  readonly #turns = new Limited(AT_ONCE);
  /** The process of each gateway that was asked. */
  readonly #asked = new Map<string, string>();

  constructor(options: LostLegsOptions) {
    this.#options = options;
  }

  /** A gateway's link stands. Resolves when it has been asked; calls end meanwhile as they do. */
  async met({ region, gateway, node }: GatewayPeer): Promise<void> {
    const from = { region, gateway };
    if (this.#asked.get(formatGateway(from)) === node) return;
    this.#asked.set(formatGateway(from), node);
    const { system, onError } = this.#options;
    const calls = system.liveStreams().filter(isCallStream);
    for (const call of calls)
      await this.#turns
        .run(async () => {
          const context = (await system.snapshot(call)).context as CallContext;
          await Promise.all(thingsAt(from, context).map((id) => this.#seek(from, node, id, context)));
        })
        .catch((error) => onError(error, call));
  }

  async #seek(from: GatewayId, node: string, id: string, call: CallContext): Promise<void> {
    const { store, command, onEnded, now = Date.now } = this.#options;
    const stream = streamOf(id);
    const { code } = await command(from, {
      id: derivedUuid(`${node} ${id}`, 'sought'),
      stream,
      type: 'Sought',
      data: {},
      cause: '',
      correlation: call.callSid,
      takeovers: call.takeovers,
    });
    // A gateway of an earlier release does not know the question.
    if (code !== 'sip.no-such-leg') return;
    const ended = await endInStore(store, stream, LOST, now());
    if (ended) await onEnded(from, ended);
  }
}

/** The legs and pipes of a call that a gateway should have. */
function thingsAt({ region, gateway }: GatewayId, { legs, media }: CallContext): string[] {
  const isHere = (place: GatewayId | undefined): boolean =>
    place?.region === region && place.gateway === gateway;
  const here = Object.entries(legs).filter(
    ([, leg]) => isHere(leg) && leg.status !== 'placing' && leg.status !== 'left' && !leg.moving,
  );
  const pipes = [media.path, media.next].flatMap((path) =>
    path ? path.pipes.filter(({ id }) => isHere(nodeOf(path, id))) : [],
  );
  return [...new Set([...here.map(([id]) => id), ...pipes.map(({ id }) => id)])];
}
