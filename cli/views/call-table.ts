import type { ListedCall } from '@tandem/projections/calls';
import { lasted, paintStatus, whyEnded } from './call-header.ts';
import { clip, formatDate, type Look, oneLine } from './terminal.ts';

const COLUMNS = ['CALL', 'STARTED (UTC)', 'FROM', 'TO', 'STATUS', 'LASTED', 'LEGS', 'WHY IT ENDED'] as const;
/** Most columns of a number or URI of a peer’s. */
const MOST_OF_PARTY = 18;

/** A line for each call, under a heading. Whatever comes last is cut to the width. */
export function callTable(calls: readonly ListedCall[], { style, width }: Look): string[] {
  if (calls.length === 0) return ['The store holds no calls.'];
  const rows = calls.map(({ call, legs }) => [
    call.sid,
    formatDate(call.startedAt),
    clip(oneLine(call.from), MOST_OF_PARTY),
    clip(oneLine(call.to), MOST_OF_PARTY),
    call.status,
    lasted(call),
    String(1 + legs.length),
    oneLine(whyEnded(call)),
  ]);
  const widths = COLUMNS.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]): string[] => {
    const padded = cells.map((cell, column) =>
      column === 5 || column === 6 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
    );
    const before = padded.slice(0, -1).reduce((sum, cell) => sum + cell.length + 2, 0);
    return [...padded.slice(0, -1), clip(cells.at(-1)!, Math.max(10, width - before))];
  };
  return [
    style.quiet(line(COLUMNS).join('  ')),
    ...rows.map((row, index) => {
      const cells = line(row);
      cells[4] = paintStatus(style, calls[index]!.call.status, cells[4]);
      return cells.join('  ').trimEnd();
    }),
  ];
}
