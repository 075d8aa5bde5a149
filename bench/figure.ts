import { nearest } from './statistics.ts';

/** One number that was measured. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it is compared with, measured in the same run by the same means. */
  readonly against?: { readonly name: string; readonly value: number; readonly ratio: number };
  /** What it is to reach; of the ratio where there is one. */
  readonly aim?: Aim;
}

export type Aim =
  | { readonly atLeast: number }
  | { readonly atMost: number }
  | { readonly atLeastRatio: number };

/** A measurement by the name under which it is run. */
export interface Measurement {
  readonly name: string;
  /** One line for the help. */
  readonly about: string;
  /** Says on the way what it does; the figures come at the end. */
  readonly measure: (say: (line: string) => void) => Promise<readonly Figure[]>;
}

/** A figure with its peer's, both as medians of rounds that took turns. */
export const compared = (
  name: string,
  unit: string,
  values: readonly number[],
  peer: { readonly name: string; readonly values: readonly number[] },
  aim?: Aim,
): Figure => {
  const ratios = values.map((value, round) => value / peer.values[round]!);
  return {
    name,
    unit,
    value: nearest(values, 0.5),
    against: { name: peer.name, value: nearest(peer.values, 0.5), ratio: nearest(ratios, 0.5) },
    ...(aim && { aim }),
  };
};

/** Whether a figure is what it is to be; undefined when nothing is asked of it. */
export function reaches({ value, against, aim }: Figure): boolean | undefined {
  if (aim === undefined) return undefined;
  if ('atLeast' in aim) return value >= aim.atLeast;
  if ('atMost' in aim) return value <= aim.atMost;
  return against !== undefined && against.ratio >= aim.atLeastRatio;
}
