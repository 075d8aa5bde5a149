import { isTandemError } from '../../errors/index.ts';
import { currentVersion, derivedUuid, LAST_EVENTS } from '../../events/index.ts';
import { isLegStream, isPipeStream } from '../../names/index.ts';
import type { EventStore, NewEvent, RecordedEvent } from '../../stores/event-store/index.ts';

/**
 * Ends a leg or pipe that its gateway has lost: the stored history says so, and its stream takes nothing more.
 *
 * @param time milliseconds since the Unix epoch
 * @returns the event with which it ends, which may have been there; nothing for another stream, or an empty one
 * @throws store.*
 */
export async function endInStore(
  store: EventStore,
  stream: string,
  detail: string,
  time: number,
): Promise<RecordedEvent | undefined> {
  for (;;) {
    let last: RecordedEvent | undefined;
    for await (const event of store.readStream(stream, { direction: 'backwards', limit: 1 })) last = event;
    if (!last || LAST_EVENTS.has(last.type)) return last;
    const type = isLegStream(stream) ? 'LegEnded' : isPipeStream(stream) ? 'PipeEnded' : undefined;
    if (!type) return undefined;
    const end: NewEvent = {
      id: derivedUuid(last.id, 'lost by its gateway'),
      type,
      version: currentVersion(type),
      time,
      region: last.region,
      cause: '',
      correlation: last.correlation,
      data: { reason: 'failed', detail, by: 'router' },
    };
    try {
      const { revision, position } = await store.append(stream, last.revision, [end]);
      return { ...end, stream, revision, position };
    } catch (error) {
      if (!isTandemError(error, 'store.wrong-revision')) throw error;
    }
  }
}
