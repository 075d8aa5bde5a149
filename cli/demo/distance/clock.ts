/** Milliseconds of a clock that all threads of a process share and that never goes back. */
export const clock = {
  now: (): number => Number(process.hrtime.bigint()) / 1e6,
  toNanoseconds: (milliseconds: number): bigint => BigInt(Math.round(milliseconds * 1e6)),
};
