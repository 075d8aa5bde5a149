import type { ErrorDefinition } from './define.ts';
import { type ErrorCode, type ErrorParams, registry } from './registry.ts';

/** An error of the registry. Its message says what was wrong, where, and what to do. */
export class TandemError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'TandemError';
  readonly code: C;
  readonly status: number;
  readonly params: ErrorParams<C>;

  constructor(code: C, params: ErrorParams<C>, options?: ErrorOptions) {
    const entry = registry[code] as ErrorDefinition<ErrorParams<C>>;
    const said = entry.says(params);
    super(`${said}${said.endsWith('\n') ? '' : ' '}${entry.remedy}`, options);
    this.code = code;
    this.status = entry.status;
    this.params = params;
  }
}

/** Whether an error is the registry's with this code. */
export const isTandemError = <C extends ErrorCode>(error: unknown, code: C): error is TandemError<C> =>
  error instanceof TandemError && error.code === code;

/** The code and message under which any thrown value is recorded in a stream. */
export const asRecorded = (error: unknown): { code: string; message: string } =>
  error instanceof TandemError
    ? { code: error.code, message: error.message }
    : { code: 'runtime.unexpected', message: error instanceof Error ? error.message : String(error) };

/** An error that another process of ours has recorded; `runtime.unexpected` when its code is none that is known here. */
export function fromRecorded({ code, message }: { code: string; message: string }): TandemError {
  if (!Object.hasOwn(registry, code))
    return new TandemError('runtime.unexpected', { detail: `${message} [${code}]` });
  const error = new TandemError(code as ErrorCode, {} as never);
  error.message = message;
  return error;
}
