import type { Messages } from '@tandem/proto/generated/events.ts';
import type { Fetcher } from '../../documents/fetch/index.ts';
import { ApplicationSession, fetchApplication, withLogin } from '../../documents/fetch/index.ts';
import { asRecorded, isTandemError, TandemError } from '../../errors/index.ts';
import type { CommandResult, LinkCommand } from '../../link/index.ts';
import type { CallContext, CallEffect, LegCommand } from '../../machines/execution/index.ts';
import { asStored } from '../../machines/execution/index.ts';
import type { GatewayId } from '../../names/index.ts';
import { streamOf } from '../../names/index.ts';
import { type EffectHandlers, told } from '../../runtime/index.ts';
import { digitsKeyOf, openDigits } from '../../secrets/index.ts';
import type { EventStore } from '../../stores/event-store/index.ts';
import type { LimitedCalls } from '../limits/index.ts';
import { adoptLegEffects } from './adopt-leg.ts';

import { type CallRouting, whenRefused } from './call-routing.ts';
import { commandId } from './command-id.ts';
import type { NumberPlan } from './number-plan.ts';

export interface CallEffectsOptions {
  /** Where the legs' events are, to move them to other gateways. */
  readonly store: EventStore;
  /** Carries a command to the gateway that owns a leg. */
  readonly command: (to: GatewayId, command: LinkCommand) => Promise<CommandResult>;
  /** Where legs and media go. */
  readonly routing: CallRouting;
  readonly fetcher: Fetcher;
  /** The secret of an account, with which requests to its applications are signed; undefined for one that is gone. */
  readonly authToken: (accountSid: string) => string | undefined;
  /** Where the user names and passwords of configured URLs are. */
  readonly plan: Pick<NumberPlan, 'loginFor'>;
  /** What accounts may do at most; anything for calls that only the operator's own documents make. */
  readonly limits?: LimitedCalls;
  /** Public keys of all gateways of a region, for what only they are to read; none when one of them has none. */
  readonly sealingKeys?: (region: string) => readonly string[];
}

/** What a call asks for that nobody outside has to do is answered at once. */
export type CallEffectHandlers = EffectHandlers<
  CallEffect,
  'placeLeg' | 'choosePath' | 'failPlay' | 'conclude'
>;

/** The command that was to begin a leg was lost with the process that had it. */
const wasNeverBegun = (error: unknown): boolean =>
  isTandemError(error, 'runtime.command-failed') && error.params.code === 'sip.no-such-leg';

/** A gateway takes no new legs now, so nothing of this one is there. */
const REFUSALS = new Set<unknown>([
  'sip.gateway-stopping',
  'sip.gateway-draining',
  'sip.gateway-full',
  'sip.trunks-full',
]);
const refusedWith = (error: unknown): string | undefined =>
  isTandemError(error, 'runtime.command-failed') && REFUSALS.has(error.params.code)
    ? String(error.params.code)
    : undefined;

const isOfAccount = (error: unknown): boolean =>
  error instanceof TandemError && error.code.startsWith('account.');

/** How a router does what its calls ask for. */
export function callEffects({
  store,
  command,
  routing,
  fetcher,
  authToken,
  plan,
  limits,
  sealingKeys = () => [],
}: CallEffectsOptions): CallEffectHandlers {
  /** Files behind a password are fetched by the gateway, which is told of it over the link only. */
  const withLogins = (
    data: unknown,
    { accountSid, callSid, session }: CallContext,
  ): Messages['PlayRequested'] => {
    const play = data as Messages['PlayRequested'];
    if (!play.items.some((item) => 'file' in item)) return play;
    const token = authToken(accountSid);
    const kept =
      token === undefined ? undefined : ApplicationSession.open(session, { authToken: token, callSid });
    const items = play.items.map((item) => {
      if (!('file' in item)) return item;
      const { url } = item.file;
      return {
        file: { ...item.file, url: withLogin(url, kept?.logins.find(url) ?? plan.loginFor(accountSid, url)) },
      };
    });
    return { ...play, items };
  };

  /** An account that is gone has no key: then nobody reads what is pressed. */
  const sealedTo = (data: Messages['KeySealingRequested'], { accountSid }: CallContext) => {
    const token = authToken(accountSid);
    const keys = token === undefined ? [] : [digitsKeyOf(token).publicKey];
    return data.sealTo ? { ...data, sealTo: { keys } } : data;
  };

  /** What a gateway is told besides what is stored of the command. */
  const forGateway = ({ type, data }: LegCommand['message'], context: CallContext): object => {
    if (type === 'PlayRequested') return withLogins(data, context);
    if (type === 'KeySealingRequested') return sealedTo(data as Messages['KeySealingRequested'], context);
    return type === 'PipeRequested' ? sealed(data as Messages['PipeRequested'], sealingKeys) : data;
  };

  return {
    ...adoptLegEffects({ store, routing, command }),

    async command(asked, { effectId, event, state, tell }) {
      const { region, gateway, legId, message } = asked;
      const { type, data } = message;
      const carry = untilHeard(command, triesOf(type));
      try {
        const { code, message: detail } = await carry(
          { region, gateway },
          {
            id: commandId(asked) ?? effectId,
            stream: streamOf(legId),
            type,
            data: forGateway(message, state.context as CallContext),
            cause: event.id,
            correlation: event.correlation,
            takeovers: (state.context as CallContext).takeovers,
          },
        );
        // Whoever has the call now asks for what is still to be done.
        if (code === 'link.not-owner') return;
        // A leg that does not take a command has moved on, and what it moved on to is on its way. A command that
        // did not get to the leg is another thing.
        if (code !== undefined)
          throw new TandemError('runtime.command-failed', { type, code, detail: detail ?? '' });
      } catch (error) {
        // A call waits for its legs and for the end of what is played; neither comes any more. (When the link is
        // closed, this process stops, and the call hears of that when it is back.)
        const { code, message: detail } = asRecorded(error);
        if (isTandemError(error, 'link.closed')) throw error;
        const refusal = type === 'LegRequested' ? refusedWith(error) : undefined;
        if (type === 'LegRequested' && refusal === undefined) limits?.left(event.correlation, legId);
        if (refusal) await tell('CallLegUnplaced', { legId, code: refusal, message: detail });
        else if (type === 'LegRequested')
          await tell('CallLegLeft', { legId, reason: 'failed', detail, by: 'router' });
        else if (type === 'HangupRequested' && wasNeverBegun(error)) {
          const { reason } = data as Messages['HangupRequested'];
          await tell('CallLegLeft', { legId, reason, detail, by: 'router' });
        } else if (type === 'PlayRequested') {
          const { playId } = data as Messages['PlayRequested'];
          await tell('CallPlayFinished', { legId, playId, outcome: 'failed', code, message: detail });
        } else if (type === 'PipeRequested' || type === 'PipeConnectRequested')
          await tell('CallPipeLeft', { pipeId: legId, reason: 'failed', detail });
        else throw error;
      }
    },

    placeLeg: {
      answer(asked) {
        const { legId, call, from, to } = asked;
        const { accountSid, callSid } = call;
        try {
          limits?.dial({ accountSid, callSid, legId, to });
          const placed = routing.placeLeg(asked);
          const isForeign = limits !== undefined && !limits.mayCallAs(accountSid, from, call);
          return told('CallLegPlaced', isForeign ? { ...placed, foreignCallerId: true } : placed);
        } catch (error) {
          const { code, message: detail } = isOfAccount(error) ? asRecorded(error) : whenRefused(error);
          limits?.left(callSid, legId);
          const reason = isOfAccount(error) ? 'rejected' : 'no-route';
          return told('CallLegLeft', { legId, reason, detail, by: 'router', code });
        }
      },
    },

    choosePath: {
      answer(asked) {
        try {
          return told('MediaPathChosen', routing.choosePath(asked));
        } catch (error) {
          const { pathId, from, to } = asked;
          const refusal = { pathId, from, ...(to !== undefined && { to }), ...whenRefused(error) };
          return told('MediaPathRefused', refusal);
        }
      },
    },

    failPlay: {
      answer: ({ legId, playId, code, message }) =>
        told('CallPlayFinished', { legId, playId, outcome: 'failed', code, message }),
    },

    async fetch({ request, accountSid, params, session }, { tell, state }) {
      const secret = authToken(accountSid);
      if (secret === undefined) {
        const { id: requestId, url, method } = request;
        const gone = asRecorded(new TandemError('document.account-gone', { accountSid }));
        await tell('DocumentFailed', { requestId, url, method, duration: 0, ...gone });
        return;
      }
      let asked = params;
      try {
        if (request.sealedDigits)
          asked = {
            ...params,
            Digits: `${params.Digits}${openDigits(request.sealedDigits, params.CallSid!, secret)}`,
          };
      } catch (error) {
        const { id: requestId, url, method } = request;
        await tell('DocumentFailed', { requestId, url, method, duration: 0, ...asRecorded(error) });
        return;
      }
      const fetched = await fetchApplication(
        {
          url: request.url,
          method: request.method as 'GET' | 'POST',
          params: asked,
          accountSid,
          authToken: secret,
          idempotencyToken: request.id,
          loginFor: (url) => plan.loginFor(accountSid, url),
          ...(session !== undefined && { session }),
        },
        fetcher,
      );
      await (fetched.type === 'DocumentFetched'
        ? tell('DocumentFetched', {
            requestId: request.id,
            ...asStored(fetched.data, (state.context as CallContext).stored),
          })
        : tell('DocumentFailed', { requestId: request.id, ...fetched.data }));
    },

    conclude: {
      answer: ({ reason, detail, duration }) =>
        told('CallEnded', { reason, duration, ...(detail !== undefined && { detail }) }),
    },
  };
}

/** The key that this end will make is for the other end only: not for those who carry it there, and keep it. */
function sealed(
  data: Messages['PipeRequested'],
  sealingKeys: NonNullable<CallEffectsOptions['sealingKeys']>,
): Messages['PipeRequested'] {
  const keys = sealingKeys(data.towards);
  return keys.length === 0 ? data : { ...data, sealTo: { keys: [...keys] } };
}

type Carry = CallEffectsOptions['command'];

/** For what there is another way, which is to be tried at once. */
const OTHERWISE: ReadonlySet<string> = new Set([
  'LegRequested',
  'PlayRequested',
  'PipeRequested',
  'PipeConnectRequested',
]);
const ENDS: ReadonlySet<string> = new Set(['HangupRequested', 'PipeEndRequested']);

/** How often a command is given to a gateway that does not answer, 30 s each time. */
const triesOf = (type: string): number => {
  if (ENDS.has(type)) return Number.POSITIVE_INFINITY;
  return OTHERWISE.has(type) ? 1 : 10;
};

/**
 * A gateway that is away for longer than a command lives still has the leg: nobody else would hang it up, and its call
 * would stand still without its answer. The command is given again, under its id, until the gateway is back.
 */
const untilHeard =
  (command: Carry, tries: number): Carry =>
  async (to, message) => {
    for (let tried = 1; ; tried++) {
      try {
        return await command(to, message);
      } catch (error) {
        if (tried >= tries || !isTandemError(error, 'link.region-unreachable')) throw error;
      }
    }
  };
