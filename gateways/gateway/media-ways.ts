import type { RecordedEvent } from '@tandem/actors/stores/event-store.ts';
import type { Messages } from '@tandem/proto/generated/events.ts';

/** Where the media of a session goes: over a provider's trunk, or through a pipe to a region. */
export type MediaWay = { readonly trunk: string } | { readonly region: string };

/** The ways of the media sessions that are here, by session, from the events of their legs and pipes. */
export class MediaWays {
  readonly #ways = new Map<string, MediaWay>();
  /** Trunks that a leg may be tried over, until it is answered. */
  readonly #routes = new Map<string, readonly string[]>();

  take({ type, stream, data }: Pick<RecordedEvent, 'type' | 'stream' | 'data'>): void {
    const id = stream.slice(stream.indexOf('-') + 1);
    switch (type) {
      case 'LegOffered':
        this.#over(id, (data as Messages['LegOffered']).trunk);
        break;
      case 'LegRequested':
        this.#routes.set(
          id,
          (data as Messages['LegRequested']).routes.map(({ trunk }) => trunk),
        );
        break;
      case 'AnswerReceived':
        this.#over(id, this.#routes.get(id)?.[(data as Messages['AnswerReceived']).route] ?? '');
        this.#routes.delete(id);
        break;
      case 'PipeRequested':
        this.#ways.set(id, { region: (data as Messages['PipeRequested']).towards });
        break;
      case 'LegEnded':
      case 'PipeEnded':
        this.#ways.delete(id);
        this.#routes.delete(id);
        break;
    }
  }

  entries(): [id: string, way: MediaWay][] {
    return [...this.#ways];
  }

  #over(id: string, trunk: string): void {
    // A leg to a SIP URI goes over no trunk.
    if (trunk !== '') this.#ways.set(id, { trunk });
  }
}
