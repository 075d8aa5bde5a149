import type { RecordedEvent } from '@tandem/actors/stores/event-store';
import type { Messages } from '@tandem/proto/generated/events.ts';

/** Where a leg's media goes: over a provider's trunk, or, with '', to a SIP URI. */
export interface LegWay {
  readonly trunk: string;
  readonly callSid: string;
}

/** Where the media of a session goes: to a leg's peer, or through a pipe to a region. */
export type MediaWay = LegWay | { readonly region: string };

/** The ways of the media sessions that are here, by session, from the events of their legs and pipes. */
export class MediaWays {
  readonly #ways = new Map<string, MediaWay>();
  /** Trunks that a leg may be tried over, until it is answered. */
  readonly #routes = new Map<string, { readonly callSid: string; readonly trunks: readonly string[] }>();

  take({ type, stream, data }: Pick<RecordedEvent, 'type' | 'stream' | 'data'>): void {
    const id = stream.slice(stream.indexOf('-') + 1);
    switch (type) {
      case 'LegOffered': {
        const { trunk, callSid } = data as Messages['LegOffered'];
        this.#ways.set(id, { trunk, callSid });
        break;
      }
      case 'LegRequested': {
        const { callSid, routes } = data as Messages['LegRequested'];
        this.#routes.set(id, { callSid, trunks: routes.map(({ trunk }) => trunk) });
        break;
      }
      case 'AnswerReceived': {
        const tried = this.#routes.get(id);
        const trunk = tried?.trunks[(data as Messages['AnswerReceived']).route];
        if (tried && trunk !== undefined) this.#ways.set(id, { trunk, callSid: tried.callSid });
        this.#routes.delete(id);
        break;
      }
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
}
