import { define } from './define.ts';

export const routingErrors = {
  'routing.bad-question': define<{ key: string; detail: string }>(
    400,
    (p) => `The question to the routing policy is not in order at ${p.key}: ${p.detail}.`,
    'Correct it; proto/routing.proto and /v1/openapi.json say what each question holds.',
  ),
  'routing.no-gateway': define<{ to: string; detail: string }>(
    503,
    (p) => `No gateway can place a call to ${p.to}: ${p.detail}.`,
    'Look at the decision in the call’s history; then at trunks, policies and the health of gateways.',
  ),
  'routing.no-path': define<{ legs: string; detail: string }>(
    503,
    (p) => `There is no way for media of ${p.legs}: ${p.detail}.`,
    'Look at the decision in the call’s history; then at policies, services and the health of regions.',
  ),
};
