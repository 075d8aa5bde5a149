import { type Static, Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { MOST_EVENTS } from '../history/index.ts';
import type { Reads } from '../reads/index.ts';
import { ErrorAnswer } from './error-answer.ts';
import { sendJson } from './send-json.ts';

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
const STORED = ['time', 'stream', 'revision', 'id', 'type', 'version', 'region', 'cause', 'data'] as const;
const StreamPath = Type.Object({
  ...SidPath.properties,
  Stream: Type.String({ pattern: '^(?:call-CA|leg-LE|pipe-PI)[0-9a-fA-F]{32}$' }),
});
const StreamQuery = Type.Object(
  {
    From: Type.Integer({ minimum: 0, maximum: 1_000_000_000, default: 0, description: 'First revision.' }),
    PageSize: Type.Integer({ minimum: 1, maximum: 100, default: 50 }),
  },
  { additionalProperties: false },
);
const StreamsAnswer = Type.Object({ call_sid: Type.String(), streams: Type.Array(Type.String()) });
const StreamAnswer = Type.Object({
  call_sid: Type.String(),
  stream: Type.String(),
  events: Type.Array(Type.Pick(Event, STORED)),
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
export function historyRoutes(app: FastifyInstance, reads: Reads): void {
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
    async ({ accountSid, params: { Sid: sid }, query: { Page: page, PageSize: pageSize } }, reply) =>
      sendJson(reply, await reads.ask(accountSid, { type: 'events', sid, page, pageSize })),
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
    async ({ accountSid, params: { Sid: sid }, query: { at } }, reply) =>
      sendJson(reply, await reads.ask(accountSid, { type: 'replay', sid, at })),
  );

  app.get<{ Params: Static<typeof SidPath> }>(
    '/v1/Calls/:Sid/Streams',
    {
      schema: {
        summary: 'Name the streams that the events of a call and its legs are in',
        params: SidPath,
        response: { 200: StreamsAnswer, default: Type.Ref(ErrorAnswer) },
      },
    },
    async ({ accountSid, params: { Sid: sid } }, reply) =>
      sendJson(reply, await reads.ask(accountSid, { type: 'streams', sid })),
  );

  app.get<{ Params: Static<typeof StreamPath>; Querystring: Static<typeof StreamQuery> }>(
    '/v1/Calls/:Sid/Streams/:Stream',
    {
      schema: {
        summary: 'List the events of one stream of a call as they are stored, however many there are',
        params: StreamPath,
        querystring: StreamQuery,
        response: { 200: StreamAnswer, default: Type.Ref(ErrorAnswer) },
      },
    },
    async ({ accountSid, params: { Sid: sid, Stream: stream }, query: { From: from, PageSize } }, reply) =>
      sendJson(
        reply,
        await reads.ask(accountSid, { type: 'stream-events', sid, stream, from, pageSize: PageSize }),
      ),
  );
}
