import type { GatewayState } from '../network/index.ts';

/** One gateway as planners number it. */
export interface GatewayEntry {
  readonly region: number;
  readonly state: GatewayState;
  /** Its media works: legs that are there can be joined. */
  readonly alive: boolean;
  /** Why it gets no new legs; undefined when it does. */
  readonly closed?: string;
  readonly penalty: number;
  /** Of its name and its region's. */
  readonly hash: number;
}
