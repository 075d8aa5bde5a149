import { type Static, Type } from '@sinclair/typebox';
import { TandemError } from '@tandem/actors/errors/tandem-error.ts';
import type { RoutingDecision } from '@tandem/actors/routing/questions.ts';
import type { EventStore, RecordedEvent } from '@tandem/actors/stores/event-store.ts';
import type { FastifyInstance } from 'fastify';
import type { CallsReadModel } from '../calls/calls-read-model.ts';
import { findCall } from './calls-routes.ts';
import { ErrorAnswer } from './error-answer.ts';
import { WorkLimit } from './rate-limit.ts';
import { Decision, shownTo } from './routing-routes.ts';

/** Streams that are read at once. */
const MOST_AT_ONCE = 4;
/** Events of a call that are looked through; more than the longest call has. */
const MOST_EVENTS = 10_000;

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
      decision: Decision,
    }),
  ),
});

/** Why a call’s legs and media are where they are (P8): the decisions in its events, in order. */
export function decisionsRoutes(
  app: FastifyInstance,
  calls: CallsReadModel,
  store: EventStore,
  isOperator: (accountSid: string) => boolean,
): void {
  const work = new WorkLimit(MOST_AT_ONCE);
  app.get<{ Params: Static<typeof SidPath> }>(
    '/v1/Calls/:Sid/Decisions',
    {
      schema: {
        summary: 'List what the routing policy decided for a call, and why',
        params: SidPath,
        response: { 200: DecisionsAnswer, default: Type.Ref(ErrorAnswer) },
      },
    },
    ({ accountSid, params }) =>
      work.run(async () => {
        const call = findCall(calls, accountSid, params.Sid);
        const callSid = call.parentCallSid ?? call.sid;
        const events = await Array.fromAsync(store.readStream(`call-${callSid}`, { limit: MOST_EVENTS + 1 }));
        if (events.length > MOST_EVENTS)
          throw new TandemError('api.history-too-long', { callSid, limit: MOST_EVENTS });
        const operator = isOperator(accountSid);
        return { call_sid: callSid, decisions: events.flatMap((event) => decisionOf(event, operator)) };
      }),
  );
}

interface WithDecision {
  readonly decision?: RoutingDecision;
  readonly legId?: string;
  readonly from?: string;
  readonly to?: string;
  readonly reason?: string;
}

function decisionOf({ id, type, time, data }: RecordedEvent, operator: boolean) {
  if (type !== 'CallLegPlaced' && type !== 'MediaPathChosen') return [];
  const { decision, legId, from, to, reason = null } = data as WithDecision;
  if (!decision) return [];
  const legs = [legId, from, to].filter((leg) => leg !== undefined);
  const when = { time: new Date(time).toISOString(), event: id, type };
  return [{ ...when, legs, reason, decision: shownTo(decision, operator) }];
}
