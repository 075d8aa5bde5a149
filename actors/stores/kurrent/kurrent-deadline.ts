import { kurrentUnavailable } from './kurrent-errors.ts';

/**
 * A call's answer, or store.unavailable when it takes longer than `timeout` ms. The client library leaves some
 * calls unsettled when their connection ends.
 */
export const answeredWithin = async <T>(timeout: number, address: string, call: Promise<T>): Promise<T> => {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(kurrentUnavailable(address, `it did not answer within ${timeout} ms`)),
    timeout,
  );
  try {
    return await Promise.race([call, late.promise]);
  } finally {
    clearTimeout(timer);
  }
};
