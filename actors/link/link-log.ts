/** Where the link tells what happens to it; pino's loggers fit. */
export interface LinkLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const nothing = (): void => {};

export const silentLog: LinkLog = { info: nothing, warn: nothing, error: nothing };
