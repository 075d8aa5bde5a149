import type { CommandResult, LinkCommand } from '@tandem/actors/link';
import { type GatewayEffect, gatewayKind } from '@tandem/actors/machines/gateway';
import { type GatewayId, gatewayStream } from '@tandem/actors/names';
import type { ActorSystem, EffectHandlers, Message, Outcome } from '@tandem/actors/runtime';
import type { Messages } from '@tandem/proto/generated/events.ts';

export interface GatewayActorOptions {
  readonly name: GatewayId;
  readonly system: ActorSystem;
  /** Legs at once. */
  readonly capacity: number;
  /** Has the gateway take new legs, or none. */
  readonly admit: (open: boolean) => void;
  /** Something changed that new calls should know of at once. */
  readonly onChange?: () => void;
  readonly onError: (error: unknown) => void;
}

/** A full gateway is open again when a tenth of its legs has left, so that it does not change its mind with each. */
export const easedAt = (capacity: number): number => capacity - Math.max(1, Math.floor(capacity / 10));

/** A gateway's own actor: what becomes of the gateway is told to it, and it says whether new legs are taken. */
export class GatewayActor {
  readonly #options: GatewayActorOptions;
  readonly #stream: string;
  readonly #lost = new Set<string>();
  #legs = 0;
  #full = false;
  #open = true;

  constructor(options: GatewayActorOptions) {
    this.#options = options;
    this.#stream = gatewayStream(options.name);
    const effects: EffectHandlers<GatewayEffect> = {
      admit: ({ open }) => {
        this.#open = open;
        options.admit(open);
        // What became of its legs while it drained was not told.
        this.#full = false;
        this.legs(this.#legs);
        options.onChange?.();
      },
    };
    options.system.register(gatewayKind, effects);
  }

  /** Whether it keeps its legs and takes none. */
  get draining(): boolean {
    return !this.#open;
  }

  /** Trunks whose provider does not answer. */
  get lostTrunks(): ReadonlySet<string> {
    return this.#lost;
  }

  start(facts: Messages['GatewayStarted']): Promise<Outcome> {
    return this.#options.system.tell(this.#stream, { type: 'GatewayStarted', data: facts });
  }

  stop(reason: string): Promise<Outcome> {
    return this.#options.system.tell(this.#stream, { type: 'GatewayStopped', data: { reason } });
  }

  /** So many legs are here now. */
  legs(count: number): void {
    this.#legs = count;
    const { capacity } = this.#options;
    if (!this.#open || (this.#full ? count > easedAt(capacity) : count < capacity)) return;
    this.#full = !this.#full;
    this.#note({ type: this.#full ? 'GatewayFilled' : 'GatewayEased', data: { legs: count } });
  }

  trunkLost(trunk: string, code: string, message: string): void {
    if (this.#lost.has(trunk)) return;
    this.#lost.add(trunk);
    this.#note({ type: 'TrunkLost', data: { trunk, code, message } });
  }

  trunkFound(trunk: string): void {
    if (!this.#lost.delete(trunk)) return;
    this.#note({ type: 'TrunkFound', data: { trunk } });
  }

  /** Whether a command is for this actor. */
  owns({ stream }: Pick<LinkCommand, 'stream'>): boolean {
    return stream === this.#stream;
  }

  /** Takes a command of a main region's: to drain, or to resume. */
  async command({ id, type, data, cause, correlation }: LinkCommand): Promise<CommandResult> {
    const message = { type, data, id, cause, correlation } as Message;
    const { taken } = await this.#options.system.tell(this.#stream, message);
    return { accepted: taken };
  }

  #note(message: Message): void {
    this.#options.onChange?.();
    this.#options.system.tell(this.#stream, message).catch(this.#options.onError);
  }
}
