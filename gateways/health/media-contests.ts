import type { ContestedMedia } from '@tandem/actors/link';
import { isLegStream } from '@tandem/actors/names';
import type { RecordedEvent } from '@tandem/actors/stores/event-store';
import type { Messages } from '@tandem/proto/generated/events.ts';

/** How often others sent to the ports of legs, since this process began, from the events of these legs. They only grow. */
export class MediaContests {
  #legs = 0;
  #packets = 0;

  take({ type, stream, data }: Pick<RecordedEvent, 'type' | 'stream' | 'data'>): void {
    if (type === 'MediaContested' && isLegStream(stream)) this.#legs += 1;
    if (type === 'LegEnded') this.#packets += (data as Messages['LegEnded']).strangers ?? 0;
  }

  get counts(): ContestedMedia {
    return { legs: this.#legs, packets: this.#packets };
  }
}
