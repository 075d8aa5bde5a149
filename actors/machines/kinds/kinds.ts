import type { Kind } from '../../runtime/index.ts';
import { callKind } from '../call/index.ts';
import { gatewayKind } from '../gateway/index.ts';
import { legKind } from '../leg/index.ts';
import { pipeKind } from '../pipe/index.ts';
import { regionKind } from '../region/index.ts';

/** Every kind of actor, by the word with which its streams begin. */
export const kinds: ReadonlyMap<string, Kind> = new Map(
  [callKind, legKind, pipeKind, gatewayKind, regionKind].map((kind) => [kind.name, kind]),
);

/** The kind of actor whose stream this is; none for streams that hold something else. */
export const kindOf = (stream: string): Kind | undefined => kinds.get(stream.slice(0, stream.indexOf('-')));
