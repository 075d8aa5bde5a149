import { TandemError } from '../../errors/index.ts';
import { LAST_EVENTS } from '../../events/index.ts';
import {
  callStream,
  formatGateway,
  type GatewayId,
  gatewayStream,
  isCallStream,
  legStream,
  pipeStream,
  regionStream,
} from '../../names/index.ts';
import type { EventStore, RecordedEvent } from '../../stores/event-store/index.ts';
import { beginsAtGateway } from './run-by-gateway.ts';

/** Streams whose owners are remembered. */
const REMEMBERED = 50_000;

/** Whose a stream is, as its first event and its last adoption say. */
interface Owner {
  readonly region: string;
  /** The only gateway of the region that may write it; any may, when it is not given. */
  readonly gateway: string | undefined;
  /** The call that all of its events are about. */
  readonly callSid: string;
  /** The revision that the stream's next event has. */
  readonly next: number;
}

/**
 * Whether a gateway may append to a stream: another gateway of its region has taken the leg, or the actor has come to its
 * end, which is its stream's last event.
 */
export type OwnerVerdict = 'open' | 'taken' | 'over';

/** Whether a stream is a gateway's own or its region's: these go on with each journal of the gateway. */
export const isOfGatewayItself = (stream: string, from: GatewayId): boolean =>
  stream === gatewayStream(from) || stream === regionStream(from.region);

/**
 * Which gateway may ship events of which stream. It is the stream's first event in the store that says so, so that a
 * region's certificate is good for what began in that region and for nothing else: a leg or pipe is its region's, and
 * the gateway's that took it last if one did (`LegAdopted`); a call that a gateway runs itself is that gateway's alone.
 * Gateways of one region have one certificate, and are one to the others.
 */
export class StreamOwners {
  readonly #store: EventStore;
  readonly #owners = new Map<string, Owner>();
  /** Streams that were refused from their first event on, so that the rest of them is not missed. */
  readonly #refused = new Set<string>();

  constructor(store: EventStore) {
    this.#store = store;
  }

  /**
   * Whether the gateway may append these at once, as far as is remembered: the store then decides by their revision. If
   * it refuses them, `forget` what was remembered, and `check`.
   */
  mayAppend(from: GatewayId, stream: string, events: readonly RecordedEvent[]): boolean {
    const first = events[0]!;
    const known = first.revision === 0 ? beginning(stream, first) : this.#owners.get(stream);
    if (!known || known.next !== first.revision || isTaken(known, from)) return false;
    if (refusal(known, from, stream, events)) return false;
    this.#remember(stream, known, events);
    return true;
  }

  forget(stream: string): void {
    this.#owners.delete(stream);
  }

  /**
   * Looks at what is stored: whether the gateway may append what is not there yet.
   *
   * @throws link.foreign-stream; link.events-missing when what the stream begins with is not there
   */
  async check(from: GatewayId, stream: string, events: readonly RecordedEvent[]): Promise<OwnerVerdict> {
    const first = events[0]!;
    let owner: Owner | undefined;
    let last: RecordedEvent | undefined;
    for await (const event of this.#store.readStream(stream)) {
      owner ??= beginning(stream, event) ?? NOBODY;
      if (event.type === 'LegAdopted') owner = { ...owner, ...(event.data as GatewayId) };
      owner = { ...owner, next: event.revision + 1 };
      last = event;
    }
    if (!owner && first.revision > 0 && isOfActor(stream) && !this.#refused.has(stream))
      throw new TandemError('link.events-missing', { stream, stored: -1, shipped: first.revision });
    owner ??= beginning(stream, first) ?? NOBODY;
    const refused = refusal(owner, from, stream, events);
    if (refused) {
      if (first.revision === 0) this.#refused.add(stream);
      if (this.#refused.size > REMEMBERED) this.#refused.delete(this.#refused.values().next().value!);
      throw refused;
    }
    if (isTaken(owner, from)) return 'taken';
    if (last && LAST_EVENTS.has(last.type)) return 'over';
    const { next } = owner;
    const fresh = events.filter(({ revision }) => revision >= next);
    if (fresh.length === 0 || fresh[0]!.revision === next) this.#remember(stream, owner, fresh);
    return 'open';
  }

  #remember(stream: string, owner: Owner, events: readonly RecordedEvent[]): void {
    const adopted = events.findLast(({ type }) => type === 'LegAdopted')?.data as GatewayId | undefined;
    this.#owners.delete(stream);
    this.#owners.set(stream, {
      ...owner,
      ...(adopted && { region: adopted.region, gateway: adopted.gateway }),
      next: owner.next + events.length,
    });
    if (this.#owners.size > REMEMBERED) this.#owners.delete(this.#owners.keys().next().value!);
  }
}

const isOfActor = (stream: string): boolean => /^(?:leg|pipe|call)-/.test(stream);

const NOBODY: Owner = { region: '', gateway: undefined, callSid: '', next: 0 };

/** What the first event of a stream says of it; nothing when no gateway's stream begins so. */
function beginning(stream: string, event: RecordedEvent): Owner | undefined {
  const { type, data, correlation } = event;
  // What it said cannot be read; it is of whoever shipped it.
  if (type === 'EventSetAside')
    return isOfActor(stream)
      ? { region: event.region, gateway: undefined, callSid: correlation, next: 0 }
      : undefined;
  const { region, gateway, callSid, legId, pipeId } = data as Partial<Record<string, string>>;
  if (region === undefined || callSid === undefined || callSid !== correlation) return undefined;
  const owner = { region, gateway: undefined, callSid, next: 0 };
  switch (type) {
    case 'LegOffered':
    case 'LegRequested':
      return stream === legStream(legId ?? '') ? owner : undefined;
    case 'PipeRequested':
      return stream === pipeStream(pipeId ?? '') ? owner : undefined;
    case 'CallReceived':
      return stream === callStream(callSid) && beginsAtGateway({ type, data })
        ? { ...owner, gateway }
        : undefined;
    default:
      return undefined;
  }
}

/** Whether another gateway of the region has taken the leg. */
const isTaken = ({ gateway }: Owner, from: GatewayId): boolean =>
  gateway !== undefined && gateway !== from.gateway;

/** Why a region may not write what it wants to write. */
function refusal(
  owner: Owner,
  from: GatewayId,
  stream: string,
  events: readonly RecordedEvent[],
): TandemError | undefined {
  // A call is its gateway's alone; what became of a leg within its region is another question.
  const isTheirs = owner.region === from.region && !(isCallStream(stream) && isTaken(owner, from));
  const isOneCall = events.every(({ correlation }) => correlation === owner.callSid);
  if (isTheirs && isOneCall) return undefined;
  const { region, gateway = '' } = owner;
  return new TandemError('link.foreign-stream', {
    gateway: formatGateway(from),
    stream,
    owner: region === '' ? 'no gateway' : isTheirs ? 'another call' : formatGateway({ region, gateway }),
  });
}
