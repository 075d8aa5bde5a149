import type { Messages } from '@tandem/proto/generated/events.ts';
import { derivedUuid } from '../events/derived-id.ts';
import type { EventType } from '../events/event-schema.ts';
import type { Message } from '../runtime/message.ts';
import type { RecordedEvent } from '../stores/event-store.ts';
import type { NumberPlan } from './number-plan.ts';

type Translate = { [T in EventType]?: (data: Messages[T], legId: string, plan: NumberPlan) => Message };

const message = <T extends EventType>(type: T, data: Messages[T]): Message<T> => ({ type, data });

/** The stream of a leg or a pipe. */
export const streamOf = (id: string): string => `${id.startsWith('PI') ? 'pipe' : 'leg'}-${id}`;

/** The id of the leg or pipe whose stream this is. */
const idOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1);

/** What a call hears of what happened to its legs. The rest of a leg's events concern nobody else. */
const TRANSLATIONS: Translate = {
  LegOffered: ({ legId, callSid, region, gateway, trunk, from, to, callerName, codecs }, _leg, plan) =>
    message('CallReceived', {
      ...{ callSid, legId, region, gateway, trunk, from, to, codecs },
      ...(callerName !== undefined && { callerName }),
      ...plan.lookUp(to),
    }),
  ProgressReceived: ({ status, sdp }, legId) =>
    message('CallLegRinging', { legId, status, earlyMedia: sdp !== undefined }),
  AnswerReceived: ({ codec }, legId) =>
    message('CallLegAnswered', { legId, ...(codec !== undefined && { codec }) }),
  PipeOpened: ({ end }, pipeId) => message('CallPipeOpened', { pipeId, end }),
  PipeConnected: (_data, pipeId) => message('CallPipeConnected', { pipeId }),
  PipeEnded: ({ reason, detail }, pipeId) =>
    message('CallPipeLeft', { pipeId, reason, ...(detail !== undefined && { detail }) }),
  LegEnded: (data, legId) => message('CallLegLeft', { legId, ...data }),
  MediaStopped: (data, legId) => message('CallLegMediaStopped', { legId, ...data }),
  PlayFinished: (data, legId) => message('CallPlayFinished', { legId, ...data }),
  DigitReceived: ({ digit }, legId) => message('CallDigitPressed', { legId, digit }),
};

/**
 * The message that an event of a leg is to its call, if it is one. Its id follows from the event's, so that an
 * event that is shipped twice is heard once.
 */
export function callMessage(event: RecordedEvent, plan: NumberPlan): Message | undefined {
  const translate = TRANSLATIONS[event.type as EventType] as
    | ((data: unknown, legId: string, plan: NumberPlan) => Message)
    | undefined;
  if (!translate) return undefined;
  return {
    ...translate(event.data, idOf(event.stream), plan),
    id: derivedUuid(event.id, 'call'),
    cause: event.id,
    correlation: event.correlation,
  };
}
