import { isIP, isIPv6 } from 'node:net';
import { TandemError } from '@tandem/actors/errors';
import { CRYPTO_SUITE, MASTER_KEY_LENGTH, MASTER_SALT_LENGTH } from '../srtp/index.ts';
import type { PipeEnd } from './media-plane.ts';

/** Bytes of a pipe's key: a master key and its salt, as they are signalled. */
export const PIPE_KEY_LENGTH = MASTER_KEY_LENGTH + MASTER_SALT_LENGTH;

export const isSameEnd = (a: PipeEnd, b: PipeEnd): boolean =>
  a.address === b.address && a.port === b.port && a.srtp.keyBase64 === b.srtp.keyBase64;

const whatIsWrong = (end: PipeEnd, ours: PipeEnd, key: Uint8Array): string | undefined => {
  const { address, port, srtp } = end;
  if (isIP(address) === 0) return `"${address}" is no IP address`;
  if (isIPv6(address) !== isIPv6(ours.address)) return `${address} cannot be reached from ${ours.address}`;
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return `${port} is no UDP port`;
  if (srtp.cryptoSuite !== CRYPTO_SUITE) return `its crypto suite is not ${CRYPTO_SUITE}`;
  if (key.length !== PIPE_KEY_LENGTH) return `its key has ${key.length} bytes and not ${PIPE_KEY_LENGTH}`;
  return srtp.keyBase64 === ours.srtp.keyBase64 ? 'it is this end itself' : undefined;
};

/**
 * The key of the other end of a pipe, as bytes.
 *
 * @param id the pipe's
 * @throws media.bad-pipe-end when nothing could be exchanged with that end
 */
export const keyOfEnd = (id: string, end: PipeEnd, ours: PipeEnd): Uint8Array => {
  const key = Buffer.from(end.srtp.keyBase64, 'base64');
  const detail = whatIsWrong(end, ours, key);
  if (detail !== undefined) throw new TandemError('media.bad-pipe-end', { id, detail });
  return key;
};
