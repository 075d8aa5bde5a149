import type { Position as KurrentPosition } from '@eventstore/db-client';
import { TandemError } from '../../errors/index.ts';
import type { Position } from '../event-store/index.ts';

/** Commit and prepare position in the server's log, written `commit/prepare`. */
export const formatKurrentPosition = ({ commit, prepare }: KurrentPosition): Position =>
  `${commit}/${prepare}`;

/** @throws store.invalid-position */
export const parseKurrentPosition = (position: Position): KurrentPosition => {
  const [, commit, prepare] = /^(\d{1,19})\/(\d{1,19})$/.exec(position) ?? [];
  if (commit === undefined || prepare === undefined)
    throw new TandemError('store.invalid-position', { position });
  return { commit: BigInt(commit), prepare: BigInt(prepare) };
};

/** Whether one position is behind another in the log. */
export const isBehind = (one: KurrentPosition, other: KurrentPosition): boolean =>
  one.commit === other.commit ? one.prepare < other.prepare : one.commit < other.commit;
