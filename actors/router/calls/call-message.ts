import type { Messages } from '@tandem/proto/generated/events.ts';
import type { EventType } from '../../events/index.ts';
import { currentVersion, derivedUuid, upcast } from '../../events/index.ts';
import { idOf } from '../../names/index.ts';
import type { Message } from '../../runtime/index.ts';
import type { RecordedEvent } from '../../stores/event-store/index.ts';
import type { NumberPlan } from './number-plan.ts';

type Heard = (data: never, legId: string, plan: NumberPlan, router: string | undefined) => Message;
type Translate = {
  [T in EventType]?: (
    data: Messages[T],
    legId: string,
    plan: NumberPlan,
    router: string | undefined,
  ) => Message;
};

const message = <T extends EventType>(type: T, data: Messages[T]): Message<T> => ({ type, data });

/** What a call hears of what happened to its legs. The rest of a leg's events concern nobody else. */
const TRANSLATIONS: Translate = {
  LegOffered: ({ legId, callSid, region, gateway, trunk, from, to, codecs, facts }, _leg, plan, router) =>
    message('CallReceived', {
      callSid,
      legId,
      region,
      gateway,
      trunk,
      from,
      to,
      codecs,
      ringsWhenAsked: true,
      ...(router !== undefined && { router }),
      facts,
      ...plan.lookUp(to),
    }),
  InviteSent: (_data, legId) => message('CallLegInvited', { legId }),
  ProgressReceived: ({ status, sdp }, legId) =>
    message('CallLegRinging', { legId, status, earlyMedia: sdp !== undefined }),
  AnswerReceived: ({ codec }, legId) =>
    message('CallLegAnswered', { legId, ...(codec !== undefined && { codec }) }),
  PipeOpened: ({ end }, pipeId) => message('CallPipeOpened', { pipeId, end }),
  PipeConnected: (_data, pipeId) => message('CallPipeConnected', { pipeId }),
  PipeEnded: ({ reason, detail }, pipeId) =>
    message('CallPipeLeft', { pipeId, reason, ...(detail !== undefined && { detail }) }),
  LegAdopted: ({ region, gateway }, legId) => message('CallLegMoved', { legId, region, gateway }),
  LegEnded: ({ heard: _heard, told: _told, ...data }, legId) => message('CallLegLeft', { legId, ...data }),
  MediaStopped: (data, legId) => message('CallLegMediaStopped', { legId, ...data }),
  PlayFinished: (data, legId) => message('CallPlayFinished', { legId, ...data }),
  DigitReceived: ({ digit }, legId) => message('CallDigitPressed', { legId, digit }),
};

/** Whether events of a type are messages to calls. */
export const isHeard = (type: string): boolean => Object.hasOwn(TRANSLATIONS, type);

/**
 * The message that an event of a leg is to its call, if it is one. Its id follows from the event's, so that an
 * event that is shipped twice is heard once. `router` is the one that hears it, `us1/r1`.
 */
export function callMessage(event: RecordedEvent, plan: NumberPlan, router?: string): Message | undefined {
  const translate = TRANSLATIONS[event.type as EventType] as Heard | undefined;
  // What only a newer release can read, no call here hears.
  if (!translate || event.version > currentVersion(event.type)) return undefined;
  // Two routers may begin a call at once; each says another thing then, of which the store takes the first.
  const purpose = event.type === 'LegOffered' && router !== undefined ? `call ${router}` : 'call';
  return {
    ...translate(upcast(event).data as never, idOf(event.stream), plan, router),
    id: derivedUuid(event.id, purpose),
    cause: event.id,
    correlation: event.correlation,
  };
}
