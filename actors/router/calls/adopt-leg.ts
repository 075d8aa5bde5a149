import type { KeptEvent } from '@tandem/proto/generated/events.ts';
import { asRecorded, isTandemError, TandemError } from '../../errors/index.ts';
import { currentVersion, derivedUuid } from '../../events/index.ts';
import type { CommandResult, LinkCommand } from '../../link/index.ts';
import type { CallContext, CallEffect } from '../../machines/execution/index.ts';
import type { LegContext } from '../../machines/leg/index.ts';
import { legKind } from '../../machines/leg/index.ts';
import { formatGateway, type GatewayId, streamOf } from '../../names/index.ts';
import { limits } from '../../peers/index.ts';
import type { EffectHandlers } from '../../runtime/index.ts';
import { Limited, replay, stateName } from '../../runtime/index.ts';
import type { EventStore, NewEvent, RecordedEvent } from '../../stores/event-store/index.ts';

import { type CallRouting, whenRefused } from './call-routing.ts';

export interface AdoptLegOptions {
  readonly store: EventStore;
  readonly routing: CallRouting;
  readonly command: (to: GatewayId, command: LinkCommand) => Promise<CommandResult>;
  /** Milliseconds since the Unix epoch. */
  readonly now?: () => number;
}

/** Legs that are moved at a time: a gateway has thousands, and each is read from the store and sent whole. */
const AT_ONCE = 16;

/** How often the leg's own gateway may be first with what it had not shipped. */
const ATTEMPTS = 5;

/** A leg as the central store has it. */
interface StoredLeg {
  readonly events: readonly RecordedEvent[];
  readonly context: LegContext;
  /** The trunk that its dialog uses; none towards a SIP URI. */
  readonly trunk: string | undefined;
  readonly connected: boolean;
}

/**
 * How a router has legs taken whose gateway is gone. Whose a leg is, is decided by its stream in the central store:
 * `LegAdopted` is appended there, and what the gateway before ships after that is left out. Only then is the other
 * gateway told, with all events of the leg.
 */
export function adoptLegEffects(
  options: AdoptLegOptions,
): Pick<EffectHandlers<CallEffect>, 'findAdopter' | 'moveLeg'> {
  const { store, routing, command, now = Date.now } = options;
  const turns = new Limited(AT_ONCE);

  /** Makes the leg the gateway's, unless it is; the leg's events up to that. */
  async function take(legId: string, to: GatewayId, cause: string): Promise<readonly RecordedEvent[]> {
    for (let attempt = 1; ; attempt++) {
      const leg = await readLeg(store, legId);
      const { events, context } = leg;
      if (context.gateway === to.gateway) return upToAdoption(events);
      if (!leg.connected) throw notConnected(legId, context);
      const { revision, correlation } = events.at(-1)!;
      const adopted: NewEvent = {
        id: derivedUuid(legId, `adopted by ${formatGateway(to)} ${revision}`),
        type: 'LegAdopted',
        version: currentVersion('LegAdopted'),
        time: now(),
        // As if it came from there, which will ship it.
        region: to.region,
        cause,
        correlation,
        data: { ...to, from: context.gateway },
      };
      try {
        const { position } = await store.append(streamOf(legId), revision, [adopted]);
        return [...events, { ...adopted, stream: streamOf(legId), revision: revision + 1, position }];
      } catch (error) {
        if (!isTandemError(error, 'store.wrong-revision') || attempt === ATTEMPTS) throw error;
      }
    }
  }

  return {
    findAdopter: (asked, { tell }) =>
      turns.run(async () => {
        const { legId, from } = asked;
        let taken = false;
        try {
          const { events, context, connected, trunk } = await readLeg(store, legId);
          taken = context.gateway !== from.gateway;
          if (!connected) throw notConnected(legId, context);
          const bytes = JSON.stringify(kept(events)).length;
          // Room for the event that it ends with, and what JSON puts around it.
          if (bytes > limits.commandBytes - 4096)
            throw new TandemError('routing.leg-too-long', { leg: legId, bytes, limit: limits.commandBytes });
          await tell('CallLegAdopterChosen', routing.findAdopter(asked, trunk));
        } catch (error) {
          const { code, message } = whenRefused(error);
          // Its own gateway has lost it, and nobody else has taken it.
          if (taken) await tell('CallLegLeft', { legId, reason: 'failed', detail: message, by: 'router' });
          else await tell('CallLegNotAdopted', { legId, code, message });
        }
      }),

    moveLeg: ({ callSid, legId, to }, { event, state, tell }) =>
      turns.run(async () => {
        const refused = (code: string, message: string) =>
          tell('CallLegNotAdopted', { legId, gateway: to.gateway, code, message });
        try {
          const events = kept(await take(legId, to, event.id));
          const { code, message } = await command(to, {
            id: derivedUuid(legId, `LegAdoptRequested ${formatGateway(to)} ${events.length}`),
            stream: streamOf(legId),
            type: 'LegAdoptRequested',
            data: { events },
            cause: event.id,
            correlation: callSid,
            takeovers: (state.context as CallContext).takeovers,
          });
          // Whoever has the call now asks for it.
          if (code === undefined || code === 'link.not-owner') return;
          await refused(code, message ?? '');
        } catch (error) {
          if (isTandemError(error, 'link.closed')) throw error;
          const { code, message } = asRecorded(error);
          await refused(code, message);
        }
      }),
  };
}

async function readLeg(store: EventStore, legId: string): Promise<StoredLeg> {
  const events = await Array.fromAsync(store.readStream(streamOf(legId)));
  const last = [...replay(legKind, events)].at(-1)?.after;
  const [first] = events;
  if (!last || !first) throw notConnected(legId, undefined);
  const context = last.context as LegContext;
  const { trunk } = first.data as { trunk?: string };
  return {
    events,
    context,
    connected: stateName(last.value).includes('dialog:connected'),
    trunk: (context.direction === 'outbound' ? context.routes[context.route]?.trunk : trunk) || undefined,
  };
}

const notConnected = (legId: string, context: LegContext | undefined): TandemError =>
  new TandemError('routing.leg-not-connected', {
    leg: legId,
    detail: context?.end ? `it has ended (${context.end.reason})` : 'it was not answered',
  });

const upToAdoption = (events: readonly RecordedEvent[]): readonly RecordedEvent[] =>
  events.slice(0, events.findLastIndex(({ type }) => type === 'LegAdopted') + 1);

const kept = (events: readonly RecordedEvent[]): KeptEvent[] =>
  events.map(({ id, type, version, time, region, cause, correlation, data }) => ({
    id,
    type,
    version,
    time,
    region,
    cause,
    correlation,
    data: JSON.stringify(data),
  }));
