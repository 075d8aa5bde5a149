import type { Timed } from '../../runtime/index.ts';

type Timers = Timed['timers'];

/** The timers with one more, or with another deadline for it; milliseconds since the Unix epoch. */
export const withTimer = (timers: Timers, name: string, deadline: number): Timers => ({
  ...timers,
  [name]: deadline,
});

export const withoutTimer = (timers: Timers, name: string): Timers => {
  const { [name]: _cleared, ...rest } = timers;
  return rest;
};

/** Guard: the timer that rang is this one, and it is still wanted. */
export const rang =
  (name: string) =>
  ({ context, event }: { context: Timed; event: { type: string; time: number; data: unknown } }): boolean => {
    const deadline = context.timers[name];
    return (
      (event.data as { timer?: string }).timer === name && deadline !== undefined && event.time >= deadline
    );
  };
