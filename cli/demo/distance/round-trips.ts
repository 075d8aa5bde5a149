import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TandemError } from '@tandem/actors/errors';

/** Measured round trips between cloud regions; the file's first line says where they are from. */
export interface RoundTrips {
  readonly places: readonly string[];
  /**
   * Milliseconds from one place to another and back; 0 within a place.
   *
   * @throws config.distance-unknown
   */
  between(one: string, other: string): number;
}

/** Reads a table: a line of names after a first column, then a line for each place. `#` begins a remark. */
export function parseRoundTrips(text: string): RoundTrips {
  const [header, ...rows] = text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').map((cell) => cell.trim()));
  const places = header!.slice(1);
  const table = new Map(rows.map(([place, ...cells]) => [place!, cells.map(Number)]));
  const index = (name: string): number => {
    const at = places.indexOf(name);
    if (at < 0) throw new TandemError('config.distance-unknown', { name, known: places.join(', ') });
    return at;
  };
  return {
    places,
    between: (one, other) => table.get(places[index(one)]!)![index(other)]!,
  };
}

/** The table of this directory: London, Frankfurt, Washington and more. */
export const readRoundTrips = (): RoundTrips =>
  parseRoundTrips(readFileSync(join(import.meta.dirname, 'region-rtt.csv'), 'utf8'));
