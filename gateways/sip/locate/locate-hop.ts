import { isIP } from 'node:net';
import { TandemError } from '@tandem/actors/errors';
import type { Flow, TransportLayer } from '../transport/index.ts';
import { defaultPort, type Hop, sendErrorTo, transportOf, usualTransport } from '../transport/index.ts';
import { type PlanOptions, planTargets, type Target } from './plan-targets.ts';
import type { Addressee, ReachPolicy } from './reach-policy.ts';

export interface LocateOptions extends Pick<PlanOptions, 'resolver' | 'random'> {
  readonly transport: Pick<TransportLayer, 'flowTo' | 'listening'>;
  /** Where requests are not sent; all addresses may be reached when absent. */
  readonly refuses?: ReachPolicy;
  /** Whom the request is for. */
  readonly addressee?: Addressee;
}

/**
 * Calls `then` with the flows to a hop, the first to be tried in front: at once when its host is an address, after
 * look-ups when it is a name. There are none, and an error says why, when it cannot be found or may not be reached; each
 * address is asked about that is then used, and nothing is looked up again.
 */
export const locateHop = (
  options: LocateOptions,
  hop: Hop,
  then: (flows: readonly Flow[], error?: TandemError) => void,
): void => {
  const { transport = usualTransport.name, host, port = defaultPort(transport) } = hop;
  const reach = (targets: readonly Target[]): void => {
    let failure: TandemError | undefined;
    const flows = targets.flatMap((target) => {
      const flow = flowTo(options, hop, target);
      if (!(flow instanceof TandemError)) return [flow];
      failure ??= flow;
      return [];
    });
    if (flows.length > 0) then(flows);
    else then([], failure ?? sendErrorTo({ transport, address: host, port }, `${host} has no address`));
  };
  if (isIP(host) !== 0) {
    reach([{ transport, address: host, port }]);
    return;
  }
  const transports = options.transport.listening.map((point) => point.transport);
  planTargets(hop, { ...options, transports }).then(reach, (error: unknown) =>
    then([], sendErrorTo({ transport, address: host, port }, error)),
  );
};

/** The flow to a target, or why there is none: no listener reaches it, or it must not be reached. */
const flowTo = (
  { transport, refuses, addressee }: LocateOptions,
  hop: Hop,
  { transport: name, address, port }: Target,
): Flow | TandemError => {
  const range = refuses?.(hop, address, addressee);
  if (range !== undefined) return new TandemError('sip.private-address', { host: hop.host, address, range });
  try {
    const flow = transport.flowTo(name, address, port);
    return transportOf(name).isSecure && address !== hop.host ? { ...flow, name: hop.host } : flow;
  } catch (error) {
    if (error instanceof TandemError) return error;
    throw error;
  }
};
