import type { Kind } from '../runtime/behaviour.ts';
import { callKind } from './call/call-machine.ts';
import { gatewayKind } from './gateway/gateway-machine.ts';
import { legKind } from './leg/leg-machine.ts';
import { pipeKind } from './pipe/pipe-machine.ts';
import { regionKind } from './region/region-machine.ts';

/** Every kind of actor, by the word with which its streams begin. */
export const kinds: ReadonlyMap<string, Kind> = new Map(
  [callKind, legKind, pipeKind, gatewayKind, regionKind].map((kind) => [kind.name, kind]),
);

/** The kind of actor whose stream this is; none for streams that hold something else. */
export const kindOf = (stream: string): Kind | undefined => kinds.get(stream.slice(0, stream.indexOf('-')));
