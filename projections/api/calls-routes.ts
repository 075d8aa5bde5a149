import { type Static, Type } from '@sinclair/typebox';
import { TandemError } from '@tandem/actors/errors';
import type { FastifyInstance } from 'fastify';
import { CallResource, CallsAnswer, CallsQuery } from '../calls/index.ts';
import type { Reads } from '../reads/index.ts';
import { ErrorAnswer } from './error-answer.ts';
import { sendJson } from './send-json.ts';

export const sidOf = (prefix: string) => Type.String({ pattern: `^${prefix}[0-9a-fA-F]{32}$` });

const AccountPath = Type.Object({ AccountSid: Type.String({ maxLength: 64 }) });
const CallPath = Type.Object({ ...AccountPath.properties, Sid: Type.String({ maxLength: 64 }) });

/** Twilio's routes for calls. Each is behind the authentication that sets `request.accountSid`. */
export function callsRoutes(app: FastifyInstance, reads: Reads): void {
  app.get<{ Params: Static<typeof AccountPath>; Querystring: CallsQuery }>(
    '/2010-04-01/Accounts/:AccountSid/Calls.json',
    {
      schema: {
        summary: 'List calls, newest first',
        params: AccountPath,
        querystring: CallsQuery,
        response: { 200: CallsAnswer, default: Type.Ref(ErrorAnswer) },
      },
    },
    async (request, reply) => {
      const accountSid = ownAccount(request.accountSid, request.params.AccountSid);
      return sendJson(reply, await reads.ask(accountSid, { type: 'calls', query: { ...request.query } }));
    },
  );

  app.get<{ Params: Static<typeof CallPath> }>(
    '/2010-04-01/Accounts/:AccountSid/Calls/:Sid.json',
    {
      schema: {
        summary: 'Read a call',
        params: CallPath,
        response: { 200: Type.Ref(CallResource), default: Type.Ref(ErrorAnswer) },
      },
    },
    async (request, reply) => {
      const accountSid = ownAccount(request.accountSid, request.params.AccountSid);
      return sendJson(reply, await reads.ask(accountSid, { type: 'call', sid: request.params.Sid }));
    },
  );
}

/** The account of a path is the one that asks; another\u2019s does not exist for it. @throws api.not-found */
function ownAccount(own: string, asked: string): string {
  if (own !== asked) throw new TandemError('api.not-found', { what: 'account' });
  return own;
}
