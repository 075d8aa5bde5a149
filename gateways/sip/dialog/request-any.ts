import type { SipRequest, SipResponse } from '../message/index.ts';
import { isTooLargeForUdp } from '../message/index.ts';
import type { ClientTransaction } from '../transaction/index.ts';
import type { Flow } from '../transport/index.ts';
import { transportOf } from '../transport/index.ts';
import type { SessionHost } from './session-host.ts';

export interface RequestAnyUser {
  /** The request over a flow, with a branch of its own; `as` is the flow that its Contact is for. */
  build(flow: Flow, as: Flow): SipRequest;
  isWanted(): boolean;
  onSent(transaction: ClientTransaction): void;
  onResponse(response: SipResponse, flow: Flow, request: SipRequest): void;
  onFailure(cause: 'timeout' | 'transport', error: unknown): void;
}

/**
 * Sends a request to the first of its flows, and to the next when that fails: when the transport does, when nothing at
 * all comes within the transaction's time, or when the answer is 503 (RFC 3263, section 4.3), unless an early dialog has
 * been made by then. The user hears only of what is answered, and of the last failure.
 *
 * What is too large for UDP is tried over TCP at the same place before (RFC 3261, section 18.1.1), but not again where
 * that failed lately; the dialog is one over UDP all the same.
 */
export const requestAny = (host: SessionHost, flows: readonly Flow[], user: RequestAnyUser): void => {
  const attempt = (at: number): void => {
    const flow = flows[at]!;
    const request = user.build(flow, flow);
    const { largeOver } = transportOf(flow.transport);
    const isLarge = largeOver !== undefined && isTooLargeForUdp(request);
    const large = isLarge ? host.flowOver(largeOver, flow) : undefined;
    if (large === undefined) send(at, flow, request);
    else send(at, large, user.build(large, flow), true);
  };

  /** @param instead whether it is sent over TCP because it is too large for UDP */
  const send = (at: number, flow: Flow, request: SipRequest, instead = false): void => {
    let heard = false;
    let early = false;
    const goOn = (answered: boolean): boolean => {
      host.failed(flow);
      if (!user.isWanted()) return false;
      if (instead && !answered) {
        send(at, flows[at]!, user.build(flows[at]!, flows[at]!));
        return true;
      }
      if (at + 1 >= flows.length) return false;
      attempt(at + 1);
      return true;
    };
    const transaction = host.transactions.request(request, flow, {
      onResponse: (response, from) => {
        heard = true;
        if (response.status === 503 && !early && goOn(true)) return;
        early ||= response.status > 100 && response.status < 200;
        user.onResponse(response, instead ? { ...from, transport: flows[at]!.transport } : from, request);
      },
      onFailure: (cause, error) => {
        if ((cause === 'transport' || !heard) && goOn(false)) return;
        user.onFailure(cause, error);
      },
    });
    user.onSent(transaction);
  };

  attempt(0);
};
