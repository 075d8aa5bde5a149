import type { Messages } from '@tandem/proto/generated/events.ts';
import { derivedUuid } from '../../events/index.ts';
import type { LegCommand } from '../../machines/execution/index.ts';

/**
 * The id of a command that is recognised when the call asks for the same again, after it went on at another router:
 * of what would otherwise be heard or done twice. Other commands that come again change nothing.
 */
export function commandId({ legId, region, gateway, message, once }: LegCommand): string | undefined {
  const { type, data } = message;
  if (once !== undefined) return derivedUuid(legId, `${type} ${once}`);
  if (type === 'PlayRequested')
    return derivedUuid(legId, `${type} ${(data as Messages['PlayRequested']).playId}`);
  // A leg that is asked for elsewhere, after a refusal, is asked for anew.
  if (type === 'LegRequested' || type === 'PipeRequested')
    return derivedUuid(legId, `${type} ${region}/${gateway}`);
  return undefined;
}
