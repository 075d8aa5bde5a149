import { callStream } from '@tandem/actors/names';
import type { RoutingDecision } from '@tandem/actors/routing/question';
import type { EventStore, RecordedEvent } from '@tandem/actors/stores/event-store';
import type { CallRow } from '../calls/index.ts';
import { rootOf } from './read-history.ts';
import { shownTo } from './shown-decision.ts';

/** Events between two looks at the clock. */
const STRETCH = 500;

/** Why a call’s legs and media are where they are: the decisions in its events, in order. */
export async function decisionsOf(store: EventStore, call: CallRow, operator: boolean, goOn: () => void) {
  const callSid = rootOf(call);
  const decisions: ReturnType<typeof decisionOf> = [];
  for await (const event of store.readStream(callStream(callSid))) {
    if (event.revision % STRETCH === STRETCH - 1) goOn();
    decisions.push(...decisionOf(event, operator));
  }
  return { call_sid: callSid, decisions };
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
