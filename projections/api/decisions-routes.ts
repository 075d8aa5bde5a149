import { type Static, Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import type { Reads } from '../reads/index.ts';
import { ErrorAnswer } from './error-answer.ts';
import { DecisionResource } from './routing-routes.ts';
import { sendJson } from './send-json.ts';

const SidPath = Type.Object({ Sid: Type.String({ maxLength: 64 }) });
const DecisionsAnswer = Type.Object({
  call_sid: Type.String(),
  decisions: Type.Array(
    Type.Object({
      time: Type.String({ description: 'ISO 8601, in UTC.' }),
      event: Type.String({ description: 'Id of the event that holds it.' }),
      type: Type.String({
        description: 'CallLegPlaced: where a leg goes. MediaPathChosen: which way media takes.',
      }),
      legs: Type.Array(Type.String(), { description: 'The legs that it is about.' }),
      reason: Type.Union([Type.String(), Type.Null()], { description: 'What made the policy choose then.' }),
      decision: DecisionResource,
    }),
  ),
});

/** Why a call’s legs and media are where they are (P8): the decisions in its events, in order. */
export function decisionsRoutes(
  app: FastifyInstance,
  reads: Reads,
  isOperator: (accountSid: string) => boolean,
): void {
  app.get<{ Params: Static<typeof SidPath> }>(
    '/v1/Calls/:Sid/Decisions',
    {
      schema: {
        summary: 'List what the routing policy decided for a call, and why',
        params: SidPath,
        response: { 200: DecisionsAnswer, default: Type.Ref(ErrorAnswer) },
      },
    },
    async ({ accountSid, params: { Sid: sid } }, reply) => {
      const operator = isOperator(accountSid);
      return sendJson(reply, await reads.ask(accountSid, { type: 'decisions', sid, operator }));
    },
  );
}
