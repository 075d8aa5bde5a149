/** Which routers of a main region can be reached. One that was lost is waited for before its calls go elsewhere. */
export interface RouterPresence {
  /** Routers whose stream is there, in the order of their names in the configuration. */
  linked(): string[];
  isLinked(router: string): boolean;
  /** Whether its calls are for others: it has said goodbye, was away for too long, or is none that is known here. */
  isGone(router: string): boolean;
  /** Milliseconds for which the router's stream has not been there; 0 when it is. */
  awayFor(router: string): number;
  found(router: string): void;
  /** Its stream is over; `forGood` when it is not waited for. */
  lost(router: string, forGood: boolean): void;
  close(): void;
}

/**
 * `grace` is in milliseconds. At first none is there, and all are waited for. `gone` is told of each that is not
 * waited for any longer.
 */
export function watchRouters(
  routers: readonly string[],
  grace: number,
  gone: (router: string) => void,
): RouterPresence {
  const linked = new Set<string>();
  const lostAt = new Map(routers.map((router) => [router, performance.now()]));
  const awaited = new Map<string, NodeJS.Timeout>();

  function giveUp(router: string): void {
    forget(router);
    gone(router);
  }

  function forget(router: string): void {
    clearTimeout(awaited.get(router));
    awaited.delete(router);
  }

  const awaitIt = (router: string): void =>
    void awaited.set(
      router,
      setTimeout(() => giveUp(router), grace),
    );

  for (const router of routers) awaitIt(router);

  return {
    linked: () => routers.filter((router) => linked.has(router)),
    isLinked: (router) => linked.has(router),
    isGone: (router) => !linked.has(router) && !awaited.has(router),
    awayFor: (router) => (linked.has(router) ? 0 : performance.now() - (lostAt.get(router) ?? 0)),
    found(router) {
      forget(router);
      linked.add(router);
    },
    lost(router, forGood) {
      if (linked.delete(router)) lostAt.set(router, performance.now());
      forget(router);
      if (forGood) giveUp(router);
      else awaitIt(router);
    },
    close() {
      for (const router of [...awaited.keys()]) forget(router);
    },
  };
}
