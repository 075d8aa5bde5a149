import { isNativeError } from 'node:util/types';
import { TandemError } from '@tandem/actors/errors';
import type { Flow, TransportName } from './flow.ts';

/** The registry's error for a socket that could not be bound. */
export const listenError = (
  { transport, address, port }: { transport: TransportName; address: string; port: number },
  cause: unknown,
): TandemError =>
  codeOf(cause) === 'EADDRINUSE'
    ? new TandemError('sip.address-in-use', { transport, address, port }, { cause })
    : new TandemError('sip.cannot-listen', { transport, address, port, detail: detailOf(cause) }, { cause });

/** The registry's error for a message that could not be sent on a flow. */
export const sendError = (flow: Flow, cause: unknown): TandemError<'sip.transport-failed'> =>
  sendErrorTo(
    {
      transport: flow.transport,
      address: flow.name === undefined ? flow.remoteAddress : `${flow.name} (${flow.remoteAddress})`,
      port: flow.remotePort,
    },
    cause,
  );

/** The registry's error for a message that could not be sent somewhere. */
export const sendErrorTo = (
  to: { transport: TransportName; address: string; port: number },
  cause: unknown,
): TandemError<'sip.transport-failed'> =>
  new TandemError('sip.transport-failed', { ...to, detail: detailOf(cause) }, { cause });

const codeOf = (cause: unknown): unknown =>
  isNativeError(cause) && 'code' in cause ? cause.code : undefined;

const detailOf = (cause: unknown): string => (isNativeError(cause) ? cause.message : String(cause));
