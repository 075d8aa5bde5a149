import { type TObject, Type } from '@sinclair/typebox';
import { isTandemError, TandemError } from '@tandem/actors/errors';
import type { Reply, RoutingService } from '@tandem/actors/routing/service';
import { GatewayQuestion, PathQuestion, RouterQuestion } from '@tandem/actors/routing/service';
import type { FastifyInstance } from 'fastify';
import { shownTo } from '../history/index.ts';
import { ErrorAnswer } from './error-answer.ts';

const text = (description: string) => Type.String({ description });
const texts = (description: string) => Type.Array(Type.String(), { description });
const number = (description: string) => Type.Optional(Type.Number({ description }));

const Score = Type.Object(
  {
    overload: number('1 when it is nearly full.'),
    prefix: number('Digits of the called number that the trunk names.'),
    poor: number('Routes that are worse than they should be.'),
    rank: number('Places in the list of preferred regions, added up.'),
    regions: number('How many, each as often as its weight says.'),
    latency: number('Mouth to ear, milliseconds, one direction, of the longest branch.'),
    distance: number('The latency with weights and load in it, which is what is compared.'),
    side: number('Milliseconds to services that get a copy.'),
    gateways: number('How many.'),
    quality: number('Mean opinion score, estimated.'),
    cost: number('Ours, a minute. Operators only.'),
    customerCost: number('The customer’s, a minute.'),
  },
  { description: 'Less is better of all but prefix and quality.' },
);
const Choice = Type.Object({
  choice: text('In one line.'),
  regions: texts('The regions that it passes.'),
  score: Type.Optional(Score),
  refused: Type.Optional(text('Why it could not be taken.')),
});

/** A decision of the routing policy as the API shows it. */
export const DecisionResource = Type.Object({
  question: text('router, gateway or path.'),
  asked: text('The question.'),
  chosen: Type.Optional(Choice),
  alternatives: Type.Array(Choice, { description: 'Some of those that it beat, the best first.' }),
  reasons: texts('Sentences.'),
  policies: texts('The policies that applied, the most specific first.'),
  order: texts('The measures, the one that decides first comes first.'),
  measured: Type.Boolean({ description: 'Whether its routes were known from live figures.' }),
  looked: Type.Object({
    regions: Type.Integer(),
    gateways: Type.Integer(),
    routes: Type.Integer(),
    measuredRoutes: Type.Integer(),
    facts: texts('The state of what was chosen, as it was known. Operators only.'),
  }),
});

const Answer = Type.Object({
  chosen: Type.Union([Type.Object({}, { additionalProperties: true }), Type.Null()], {
    description: 'What it would decide; null when there is nothing left.',
  }),
  decision: DecisionResource,
});

/** A question in which the time may be left out. */
const asked = (schema: TObject) =>
  Type.Object(
    { ...schema.properties, time: Type.Optional(schema.properties.time!) },
    { additionalProperties: false },
  );

const questions = {
  router: { schema: asked(RouterQuestion), summary: 'Ask which call router would take a call' },
  gateway: { schema: asked(GatewayQuestion), summary: 'Ask which gateway would place a leg' },
  path: { schema: asked(PathQuestion), summary: 'Ask which way media would take' },
} as const;

/** Asks the routing policy what it would decide now (P1); to ask changes nothing. An account asks for itself. */
export function routingRoutes(
  app: FastifyInstance,
  routing: RoutingService,
  isOperator: (accountSid: string) => boolean,
): void {
  for (const [name, { schema, summary }] of Object.entries(questions))
    app.post<{ Body: { accountSid?: string } }>(
      `/v1/routing/${name}`,
      {
        schema: { summary, body: schema, response: { 200: Answer, default: Type.Ref(ErrorAnswer) } },
      },
      async ({ accountSid, body }) => {
        const operator = isOperator(accountSid);
        if (!operator && (body.accountSid ?? accountSid) !== accountSid)
          throw new TandemError('api.not-found', { what: 'account' });
        const reply = ask(() => routing[name as keyof typeof questions]({ accountSid, ...body }));
        return { chosen: reply.answer.chosen, decision: shownTo(reply.decision, operator) };
      },
    );

  app.get(
    '/v1/routing/network',
    {
      schema: {
        summary: 'Show the network as the routing policy knows it; for operators',
        response: {
          200: Type.Object({ regions: Type.Array(Type.Unknown()), routes: Type.Array(Type.Unknown()) }),
          default: Type.Ref(ErrorAnswer),
        },
      },
    },
    async ({ accountSid }) => {
      if (!isOperator(accountSid)) throw new TandemError('api.not-operator', {});
      return routing.network();
    },
  );
}

function ask(question: () => Reply<unknown>): Reply<unknown> {
  try {
    return question();
  } catch (error) {
    if (!isTandemError(error, 'routing.bad-question')) throw error;
    const { key, detail } = error.params;
    throw new TandemError('api.bad-request', { detail: `${key}: ${detail}` });
  }
}
