import type { TandemError } from '@tandem/actors/errors';
import type { SipMessage, SipRequest } from '../message/message.ts';
import type { Flow } from '../transport/flow.ts';
import { openTransportLayer, type TransportLayerOptions } from '../transport/open-transport-layer.ts';
import type { TransportLayer } from '../transport/transport-layer.ts';
import { Mailbox } from './mailbox.ts';

/** A transport layer and all that it hands up. */
export interface Listening {
  readonly layer: TransportLayer;
  /** Of the first listening point. */
  readonly port: number;
  readonly messages: Mailbox<{ message: SipMessage; flow: Flow }>;
  readonly malformed: Mailbox<{ error: TandemError; flow: Flow; request?: SipRequest }>;
  readonly closed: Mailbox<Flow>;
}

/** Opens a layer on loopback that hears loopback, unless the options say otherwise. */
export const listen = async (
  transport: Flow['transport'],
  options: Partial<TransportLayerOptions> = {},
): Promise<Listening> => {
  const layer = await openTransportLayer({
    listen: [{ transport, address: '127.0.0.1', port: 0 }],
    peers: [{ trunk: 'loopback', addresses: ['127.0.0.0/8'] }],
    ...options,
  });
  const listening = {
    layer,
    port: layer.listening[0]!.port,
    messages: new Mailbox<{ message: SipMessage; flow: Flow }>(),
    malformed: new Mailbox<{ error: TandemError; flow: Flow; request?: SipRequest }>(),
    closed: new Mailbox<Flow>(),
  };
  layer.onMessage((message, flow) => listening.messages.put({ message, flow }));
  layer.onMalformed((error, flow, request) => listening.malformed.put({ error, flow, request }));
  layer.onFlowClosed(listening.closed.put);
  return listening;
};

/** Resolves once a condition holds that nothing announces, such as the value of a counter. */
export const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
};

/** An answer to a request as the layers above would make it. */
export const answerTo = (request: SipRequest, status = 200): SipMessage => {
  const headers = request.headers.copy();
  return { kind: 'response', status, phrase: 'Said', headers, body: Buffer.alloc(0) };
};
