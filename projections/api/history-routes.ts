import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Static, Type } from '@sinclair/typebox';
import { TandemError } from '@tandem/actors/errors/tandem-error.ts';
import {
  type CallHistory,
  type HistoryStep,
  momentOf,
  readCallHistory,
  replayCall,
} from '@tandem/actors/history/call-history.ts';
import type { EventStore } from '@tandem/actors/stores/event-store.ts';
import type { FastifyInstance } from 'fastify';
import type { CallsReadModel } from '../calls/calls-read-model.ts';
import { eventResource, momentResource } from '../history/history-resource.ts';
import { findCall } from './calls-routes.ts';
import { ErrorAnswer } from './error-answer.ts';
import { withQuery } from './paging.ts';
import { WorkLimit } from './rate-limit.ts';

/** Histories that are rebuilt at once; each holds its events in memory. */
const MOST_AT_ONCE = 4;
/** Events of a history that the API rebuilds; the command line takes longer ones. */
const MOST_EVENTS = 10_000;
/** Steps between two turns of the event loop: some milliseconds of work. */
const STEPS_A_TURN = 100;

const SidPath = Type.Object({ Sid: Type.String({ maxLength: 64 }) });
const EventsQuery = Type.Object(
  {
    Page: Type.Integer({ minimum: 0, maximum: MOST_EVENTS, default: 0 }),
    PageSize: Type.Integer({ minimum: 1, maximum: 100, default: 50 }),
  },
  { additionalProperties: false },
);
const ReplayQuery = Type.Object(
  {
    at: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MOST_EVENTS,
        description: 'Index of an event; the default is the last.',
      }),
    ),
  },
  { additionalProperties: false },
);

const Event = Type.Object({
  index: Type.Integer({ description: 'Place in the history, from 0.' }),
  time: Type.String({ description: 'ISO 8601, in UTC.' }),
  actor: Type.String({ description: 'call, caller, callee, or callee 2 and so on.' }),
  stream: Type.String(),
  revision: Type.Integer(),
  id: Type.String(),
  type: Type.String(),
  version: Type.Integer(),
  region: Type.String(),
  cause: Type.String({ description: 'Id of the event behind this one.' }),
  data: Type.Unknown({ description: 'As proto/events.proto has the type.' }),
  state_before: Type.String(),
  state_after: Type.String(),
  taken: Type.Boolean({ description: 'False when another version of the machine ran the call.' }),
  effects: Type.Array(Type.Unknown(), { description: 'What was sent or asked for.' }),
});
const EventsAnswer = Type.Object({
  call_sid: Type.String(),
  events: Type.Array(Event),
  page: Type.Integer(),
  page_size: Type.Integer(),
  total: Type.Integer({ description: 'Events of the whole history.' }),
  next_page_uri: Type.Union([Type.String(), Type.Null()]),
});
const ReplayAnswer = Type.Object({
  call_sid: Type.String(),
  at: Type.Integer(),
  event: Event,
  actors: Type.Array(
    Type.Object({
      actor: Type.String(),
      stream: Type.String(),
      revision: Type.Integer({ description: 'Of the last event that went into the state.' }),
      last_event: Type.Integer({ description: 'Index of that event.' }),
      state: Type.String(),
      snapshot: Type.Unknown({ description: 'The whole state: value, status and context.' }),
    }),
  ),
});

/** A call\u2019s history, and its state at any moment, rebuilt from its events (D6). */
export function historyRoutes(app: FastifyInstance, calls: CallsReadModel, store: EventStore): void {
  const work = new WorkLimit(MOST_AT_ONCE);

  /** The history of a call of the account; that of a dialled leg is its call\u2019s. */
  const historyOf = async (accountSid: string, sid: string): Promise<CallHistory> => {
    const call = findCall(calls, accountSid, sid);
    const history = await readCallHistory(store, call.parentCallSid ?? call.sid, { limit: MOST_EVENTS });
    if (!history) throw new TandemError('api.not-found', { what: 'call' });
    return history;
  };

  app.get<{ Params: Static<typeof SidPath>; Querystring: Static<typeof EventsQuery> }>(
    '/v1/Calls/:Sid/Events',
    {
      schema: {
        summary: 'List the events of a call and its legs, with the states before and after each',
        params: SidPath,
        querystring: EventsQuery,
        response: { 200: EventsAnswer, default: Type.Ref(ErrorAnswer) },
      },
    },
    ({ accountSid, params, query: { Page, PageSize } }) =>
      work.run(async () => {
        const history = await historyOf(accountSid, params.Sid);
        const first = Page * PageSize;
        const events = await stepsOf(history, first, first + PageSize);
        const total = history.events.length;
        const next = withQuery(`/v1/Calls/${params.Sid}/Events`, { PageSize, Page: Page + 1 });
        return {
          ...{
            call_sid: history.callSid,
            events: events.map(eventResource),
            page: Page,
            page_size: PageSize,
          },
          ...{ total, next_page_uri: first + PageSize < total ? next : null },
        };
      }),
  );

  app.get<{ Params: Static<typeof SidPath>; Querystring: Static<typeof ReplayQuery> }>(
    '/v1/Calls/:Sid/Replay',
    {
      schema: {
        summary: 'Rebuild the state of a call and its legs as it was after an event',
        params: SidPath,
        querystring: ReplayQuery,
        response: { 200: ReplayAnswer, default: Type.Ref(ErrorAnswer) },
      },
    },
    ({ accountSid, params, query }) =>
      work.run(async () => {
        const history = await historyOf(accountSid, params.Sid);
        return momentResource(
          await momentOf(history, query.at ?? history.events.length - 1, paced(replayCall(history))),
        );
      }),
  );
}

/** The steps from one index to before another. */
async function stepsOf(history: CallHistory, first: number, before: number): Promise<HistoryStep[]> {
  const steps: HistoryStep[] = [];
  for await (const step of paced(replayCall(history))) {
    if (step.index >= before) break;
    if (step.index >= first) steps.push(step);
  }
  return steps;
}

/** Gives way to live calls now and then. */
async function* paced(steps: Iterable<HistoryStep>): AsyncGenerator<HistoryStep> {
  for (const step of steps) {
    if (step.index % STEPS_A_TURN === STEPS_A_TURN - 1) await nextTurn();
    yield step;
  }
}
