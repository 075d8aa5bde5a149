import type { TSchema } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { TandemError } from '../../errors/index.ts';
import { chooseGateway, choosePath, chooseRouter } from '../choice/index.ts';
import type { Network, NetworkView } from '../network/index.ts';
import type { PoliciesView, Policy } from '../policy/index.ts';
import type {
  GatewayChoice,
  GatewayRequest,
  PathChoice,
  PathRequest,
  RouterChoice,
  RouterRequest,
  RoutingAnswer,
  RoutingDecision,
} from '../question/index.ts';
import { recordDecision } from '../question/index.ts';
import { GatewayQuestion, PathQuestion, RouterQuestion } from './question-schemas.ts';

/** An answer, and the record that a call's events would keep of it. */
export interface Reply<Choice> {
  readonly answer: RoutingAnswer<Choice>;
  readonly decision: RoutingDecision;
}

/**
 * The routing policy, to be asked what it would decide now. Questions come as plain data from outside; a `time` that
 * is not there is now. To ask changes nothing.
 */
export interface RoutingService {
  /** @throws routing.bad-question */
  router(question: unknown): Reply<RouterChoice>;
  /** @throws routing.bad-question */
  gateway(question: unknown): Reply<GatewayChoice>;
  /** @throws routing.bad-question */
  path(question: unknown): Reply<PathChoice>;
  network(): Network;
}

export interface RoutingServiceOptions {
  readonly view: NetworkView;
  readonly policies: PoliciesView;
  /** Milliseconds since the Unix epoch. */
  readonly now?: () => number;
}

export function createRoutingService({
  view,
  policies,
  now = Date.now,
}: RoutingServiceOptions): RoutingService {
  const asker = <Request extends RouterRequest | GatewayRequest | PathRequest, Choice extends Choices>(
    schema: TSchema,
    choose: (request: Request, network: Network, policies: readonly Policy[]) => RoutingAnswer<Choice>,
  ) => {
    const form = TypeCompiler.Compile(schema);
    return (question: unknown): Reply<Choice> => {
      const timed = { time: now(), ...(question as object) };
      const fault = form.Errors(timed).First();
      if (fault)
        throw new TandemError('routing.bad-question', { key: fault.path || '/', detail: fault.message });
      const network = view.current();
      const answer = choose(timed as Request, network, policies.current());
      return { answer, decision: recordDecision(answer, timed as Request, network) };
    };
  };
  return {
    router: asker(RouterQuestion, chooseRouter),
    gateway: asker(GatewayQuestion, chooseGateway),
    path: asker(PathQuestion, choosePath),
    network: () => view.current(),
  };
}
type Choices = RouterChoice | GatewayChoice | PathChoice;
