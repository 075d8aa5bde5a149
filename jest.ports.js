import { takeLot } from '@tandem/actors/testing/port-lot.ts';

/** Workers of Jest that have ports of their own. */
const MOST = 8;

// Jest runs this once, before its workers, which inherit what it says in the environment.
export default ({ maxWorkers }) => takeLot(Math.min(maxWorkers, MOST));
