/** Hertz (ITU-T Q.23): a key is one low and one high frequency. */
export const LOW_GROUP = [697, 770, 852, 941] as const;
export const HIGH_GROUP = [1209, 1336, 1477, 1633] as const;

const KEYPAD = ['123A', '456B', '789C', '*0#D'] as const;

/** The key of a row (index of its low frequency) and column (index of its high frequency). */
export const keyAt = (row: number, column: number): string => KEYPAD[row]![column]!;

/** The two frequencies of a key, in hertz, or nothing when it is no DTMF key (0-9, *, #, A-D). */
export const frequenciesOf = (key: string): readonly [low: number, high: number] | undefined => {
  for (const [row, keys] of KEYPAD.entries()) {
    const column = key.length === 1 ? keys.indexOf(key) : -1;
    if (column >= 0) return [LOW_GROUP[row]!, HIGH_GROUP[column]!];
  }
  return undefined;
};
