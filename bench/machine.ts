import { cpus, loadavg, release, totalmem } from 'node:os';

/** What a figure was measured on; figures of other machines are not to be compared with it. */
export const machine = () => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memory: totalmem(),
  system: `${process.platform} ${release()} ${process.arch}`,
  node: process.version,
});

/** Processes that wanted to run in the last minute, on average: above the number of cores, others took part. */
export const load = (): number => loadavg()[0]!;
