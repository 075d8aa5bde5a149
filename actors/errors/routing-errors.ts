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
  'routing.no-adopter': define<{ leg: string; detail: string }>(
    503,
    (p) => `Nobody takes leg ${p.leg}, whose gateway is gone: ${p.detail}.`,
    'The leg goes on when its gateway is back. A second gateway with the same trunks would take it.',
  ),
  'routing.leg-not-connected': define<{ leg: string; detail: string }>(
    409,
    (p) => `Leg ${p.leg} cannot be taken from its gateway, which is gone: ${p.detail}.`,
    'Nothing is to be done: what becomes of it is said by its gateway or its peer.',
  ),
  'routing.leg-too-long': define<{ leg: string; bytes: number; limit: number }>(
    413,
    (p) =>
      `Leg ${p.leg} cannot be taken from its gateway, which is gone: its events have ${p.bytes} bytes, more than the ${p.limit} of a command.`,
    'The leg goes on when its gateway is back.',
  ),
  'routing.prohibited': define<{ legs: string; detail: string }>(
    403,
    (p) => `Media of ${p.legs} may not go on as it goes, and there is no other way: ${p.detail}.`,
    'Look at the policy that the message names, and at what services other regions have.',
  ),
  'routing.bad-policies': define<{ problems: string }>(
    400,
    (p) => `The routing policies cannot be used:\n${p.problems}\n`,
    'Correct these places; docs/routing.md says what a policy may say.',
  ),
  'routing.policies-changed': define<{ expected: number; revision: number }>(
    409,
    (p) =>
      `The routing policies are at revision ${p.revision} by now; those that the request replaces were at ${p.expected}.`,
    'Get them again, make the change in what they are now, and put that.',
  ),
  'routing.no-path': define<{ legs: string; detail: string }>(
    503,
    (p) => `There is no way for media of ${p.legs}: ${p.detail}.`,
    'Look at the decision in the call’s history; then at policies, services and the health of regions.',
  ),
};
