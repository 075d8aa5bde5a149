import type { EventStore, Position } from './event-store.ts';
import { isAfter } from './position.ts';

/**
 * The position, unless the store ends before it: then what the position is of is gone, since the store was lost or an
 * older copy of it is in its place. For stores with decimal positions.
 */
export async function positionWithin(
  store: EventStore,
  position: Position | undefined,
): Promise<Position | undefined> {
  if (position === undefined || position === '') return position;
  for await (const last of store.readAll({ direction: 'backwards', limit: 1 }))
    return isAfter(position, last.position) ? undefined : position;
  return undefined;
}
