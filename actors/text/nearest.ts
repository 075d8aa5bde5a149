/**
 * The word most like the one written, when it is close enough to be a slip of the keys: letters left out, added,
 * exchanged or swapped with the next, by default at most one in three.
 */
export function nearest(
  written: string,
  words: readonly string[],
  mostSlips = Math.max(1, Math.floor(written.length / 3)),
): string | undefined {
  let best: string | undefined;
  let least = mostSlips + 1;
  for (const word of words) {
    const slips = distance(written.toLowerCase(), word.toLowerCase());
    if (slips < least) [best, least] = [word, slips];
  }
  return best;
}

/** The optimal string alignment distance (Damerau–Levenshtein without repeated edits of one place). */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let slips = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        slips = Math.min(slips, rows[i - 2]![j - 2]! + 1);
      }
      row.push(slips);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
