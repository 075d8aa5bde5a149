import { type Figure, reaches } from './figure.ts';
import type { machine } from './machine.ts';

/** A figure and whether it is what it is to be. */
export type Judged = Figure & { readonly reached?: boolean };

export interface Measured {
  readonly name: string;
  /** When it began. */
  readonly date: string;
  readonly machine: ReturnType<typeof machine>;
  /** The machine's load average. */
  readonly load: { readonly before: number; readonly after: number };
  readonly figures: readonly Judged[];
}

export const withVerdict = (figure: Figure): Judged => {
  const reached = reaches(figure);
  return reached === undefined ? figure : { ...figure, reached };
};

/** A number as it is read aloud: three digits that matter, thousands apart. */
const short = (value: number): string =>
  Math.abs(value) >= 100
    ? Math.round(value).toLocaleString('en-US')
    : value.toLocaleString('en-US', { maximumSignificantDigits: 3 });

const aimOf = ({ aim, reached }: Judged): string => {
  if (aim === undefined) return '';
  const text =
    'atLeast' in aim
      ? `≥ ${short(aim.atLeast)}`
      : 'atMost' in aim
        ? `≤ ${short(aim.atMost)}`
        : `ratio ≥ ${short(aim.atLeastRatio)}`;
  return `${text} ${reached ? 'reached' : 'NOT REACHED'}`;
};

const row = (figure: Judged): string[] => {
  const { name, value, unit, against } = figure;
  const peer = against ? `${against.ratio.toFixed(2)} of ${against.name} (${short(against.value)})` : '';
  return [name, `${short(value)} ${unit}`, peer, aimOf(figure)];
};

/** A measurement as lines for people. */
export function table({ name, date, machine, load, figures }: Measured): string {
  const rows = figures.map(row);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const { cpu, cores, system, node } = machine;
  return [
    `${name}, ${date}`,
    `${cpu}, ${cores} cores, ${system}, Node ${node}; load ${load.before.toFixed(1)} to ${load.after.toFixed(1)}`,
    '',
    ...lines,
    '',
  ].join('\n');
}
