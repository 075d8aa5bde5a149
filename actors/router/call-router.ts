import type { Fetcher } from '../documents/fetcher.ts';
import type { CommandResult, LinkCommand } from '../link/command-outbox.ts';
import { callKind } from '../machines/call/call-machine.ts';
import type { ActorSystem } from '../runtime/actor-system.ts';
import type { EventStore, RecordedEvent } from '../stores/event-store.ts';
import { callEffects } from './call-effects.ts';
import { callMessage } from './call-message.ts';
import type { NumberPlan } from './number-plan.ts';
import { ShippedEvents } from './shipped-events.ts';

export interface CallRouterOptions {
  readonly store: EventStore;
  readonly system: ActorSystem;
  readonly plan: NumberPlan;
  readonly fetcher: Fetcher;
  readonly authToken: (accountSid: string) => string;
  readonly command: (region: string, command: LinkCommand) => Promise<CommandResult>;
}

/** Runs calls: hears from regions what happens to their legs, and commands them. */
export class CallRouter {
  readonly #options: CallRouterOptions;
  readonly #shipped: ShippedEvents;

  constructor(options: CallRouterOptions) {
    this.#options = options;
    this.#shipped = new ShippedEvents(options.store);
    options.system.register(callKind, callEffects(options));
  }

  /**
   * Takes events that a region ships. They are durable in the region already; this resolves when they are
   * durable here and their calls have taken what concerns them, so that nothing acknowledged is ever lost.
   */
  async take(events: readonly RecordedEvent[]): Promise<void> {
    const { system, plan } = this.#options;
    // The legs' events first: what follows from an event stands after it in the store's order.
    const stored = this.#shipped.store(events);
    const told = events.map((event) => {
      const message = callMessage(event, plan);
      return message && system.tell(`call-${event.correlation}`, message);
    });
    await Promise.all([stored, ...told]);
  }
}
