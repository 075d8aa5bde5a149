import { type Static, Type } from '@sinclair/typebox';
import { TandemError } from '@tandem/actors/errors';

/** An error as Twilio's API has it, so that its SDKs read it; `error` is the code of Tandem's own registry. */
export const ErrorAnswer = Type.Object(
  {
    code: Type.Integer({ description: 'Number of the error, as Twilio numbers it.' }),
    message: Type.String(),
    more_info: Type.String({ description: 'Where the error is explained.' }),
    status: Type.Integer({ description: 'The HTTP status.' }),
    error: Type.String({ description: 'Code in the reference of errors.' }),
  },
  { $id: 'Error', description: 'What was wrong, and what to do.' },
);
export type ErrorAnswer = Static<typeof ErrorAnswer>;

const NUMBERS: Readonly<Record<number, number>> = {
  400: 20001,
  401: 20003,
  403: 20008,
  404: 20404,
  405: 20004,
  413: 20413,
  429: 20429,
  500: 20500,
  503: 20503,
};

/**
 * The answer to a request that failed. Only errors of the API, of policies and of the event log are told as they are; what
 * else goes wrong inside concerns nobody outside.
 */
export function errorAnswer(error: unknown): ErrorAnswer {
  const shown = asShown(error);
  const { status, code, message } = shown;
  return {
    code: NUMBERS[status] ?? 20000 + status,
    message,
    more_info: `docs/errors.md#${code.split('.')[0]}`,
    status,
    error: code,
  };
}

const SHOWN = /^api\.|^routing\.(?:bad-policies|policies-changed)$|^runtime\.unknown-(?:event|version)$/;

/** The error under which a failure is told outside. */
export function asShown(error: unknown): TandemError {
  if (error instanceof TandemError && SHOWN.test(error.code)) return error;
  const { statusCode, message } = (error ?? {}) as { statusCode?: unknown; message?: unknown };
  // What the HTTP server itself refuses: a body too large, a header out of form.
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500)
    return new TandemError('api.bad-request', { detail: String(message).replace(/\.$/, '') });
  return new TandemError('api.failed', {});
}
