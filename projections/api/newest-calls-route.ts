import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { NewestCallsAnswer, NewestCallsQuery } from '../calls/index.ts';
import type { Reads } from '../reads/index.ts';
import { ErrorAnswer } from './error-answer.ts';
import { sendJson } from './send-json.ts';

/** The calls of all accounts, behind the authentication of an operator. */
export function newestCallsRoute(app: FastifyInstance, reads: Reads): void {
  app.get<{ Querystring: NewestCallsQuery }>(
    '/v1/Calls',
    {
      schema: {
        summary: 'List the calls of all accounts with their legs, newest first; for operators',
        querystring: NewestCallsQuery,
        response: { 200: NewestCallsAnswer, default: Type.Ref(ErrorAnswer) },
      },
    },
    async ({ accountSid, query }, reply) =>
      sendJson(reply, await reads.ask(accountSid, { type: 'newest-calls', query: { ...query } })),
  );
}
