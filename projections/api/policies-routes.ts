import { type Static, Type } from '@sinclair/typebox';
import type { Policy } from '@tandem/actors/routing/policy';
import type { FastifyInstance } from 'fastify';
import { ErrorAnswer } from './error-answer.ts';

/** The routing policies in force. */
export interface PoliciesSource {
  current(): readonly Policy[];
  /** Of those in force; -1 when they are the configuration's. */
  revision(): number;
  /**
   * Checks others and puts them in force. Resolves when new decisions are made by them.
   *
   * @throws routing.bad-policies, routing.policies-changed
   */
  set(policies: unknown, by: string, expected?: number): Promise<void>;
}

const policies = Type.Array(Type.Object({}, { additionalProperties: true }), {
  description: 'As `policies` in the configuration of a main region.',
});
const Policies = Type.Object(
  {
    policies,
    revision: Type.Integer({ description: 'Of the list; -1 when it is the configuration’s.' }),
  },
  { description: 'All routing policies that are in force.' },
);
const NewPolicies = Type.Object(
  {
    policies: Type.Unknown({ description: policies.description }),
    revision: Type.Optional(
      Type.Integer({
        minimum: -1,
        description: 'That of the list which this one replaces; refused when another is in force by now.',
      }),
    ),
  },
  { additionalProperties: false, required: ['policies'] },
);

/** Routes to see and change the routing policies. Each is behind the authentication of an operator. */
export function policiesRoutes(app: FastifyInstance, source: PoliciesSource): void {
  const answer = (): Static<typeof Policies> => ({
    policies: [...source.current()],
    revision: source.revision(),
  });
  const response = { 200: Policies, default: Type.Ref(ErrorAnswer) };

  app.get(
    '/v1/routing/policies',
    { schema: { summary: 'List the routing policies that are in force; for operators', response } },
    async () => answer(),
  );

  app.put<{ Body: Static<typeof NewPolicies> }>(
    '/v1/routing/policies',
    {
      schema: {
        summary: 'Put other routing policies in force, for new calls and live ones; for operators',
        body: NewPolicies,
        response,
      },
    },
    async ({ accountSid, body }) => {
      await source.set(body.policies, accountSid, body.revision);
      return answer();
    },
  );
}
