import type { Network } from '../network/index.ts';
import type { Policy } from '../policy/index.ts';
import { RuleBook } from './rules.ts';
import { createTables, type Tables } from './tables.ts';

/** A network and policies, worked out. */
export interface Compiled {
  readonly tables: Tables;
  readonly book: RuleBook;
}

const compiledOf = new WeakMap<Network, { policies: readonly Policy[]; compiled: Compiled }>();
const booksOf = new WeakMap<readonly Policy[], { regions: string; book: RuleBook }>();

/**
 * Works out what all decisions in a network with these policies have in common, once for each two of them: both are
 * told by identity, so a changed network has to be another object.
 */
export function compile(network: Network, policies: readonly Policy[]): Compiled {
  const known = compiledOf.get(network);
  if (known?.policies === policies) return known.compiled;
  const tables = known?.compiled.tables ?? createTables(network);
  const compiled = { tables, book: bookFor(policies, tables) };
  compiledOf.set(network, { policies, compiled });
  return compiled;
}

/** What was worked out of policies holds for every network with the same regions. */
function bookFor(policies: readonly Policy[], tables: Tables): RuleBook {
  const names = tables.regions.map(({ name }) => name);
  const regions = names.join();
  const known = booksOf.get(policies);
  if (known?.regions === regions) return known.book;
  const book = new RuleBook(policies, names);
  booksOf.set(policies, { regions, book });
  return book;
}
