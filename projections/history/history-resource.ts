import type { HistoryStep, Moment } from '@tandem/actors/history';
import { hideKeys, namesToHide } from '@tandem/actors/history';
import { serializeState } from '@tandem/actors/runtime';

/** One event of a call's history as JSON: what happened, to whom, what it changed and what was sent. */
export const eventResource = ({
  index,
  participant,
  event,
  from,
  to,
  taken,
  effects,
  after,
}: HistoryStep) => ({
  index,
  time: new Date(event.time).toISOString(),
  actor: participant.name,
  stream: event.stream,
  revision: event.revision,
  id: event.id,
  type: event.type,
  version: event.version,
  region: event.region,
  cause: event.cause,
  data: hideKeys(event.data, namesToHide(after.context)),
  state_before: from,
  state_after: to,
  taken,
  effects: hideKeys(effects, namesToHide(after.context)),
});

/** The state of one actor after a step, as JSON: the state as it is compared and stored, and its name. */
export const stateResource = ({ index, participant, event, to, after }: HistoryStep) => ({
  actor: participant.name,
  stream: participant.stream,
  /** Of the last event that went into it. */
  revision: event.revision,
  last_event: index,
  state: to,
  snapshot: hideKeys(JSON.parse(serializeState(after)), namesToHide(after.context)) as {
    value: unknown;
    status: string;
    context: unknown;
  },
});

/** A call as it was right after one event, as JSON. */
export const momentResource = ({ callSid, step, states }: Moment) => ({
  call_sid: callSid,
  at: step.index,
  event: eventResource(step),
  actors: states.map(stateResource),
});
