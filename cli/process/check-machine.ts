import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { TandemError } from '@tandem/actors/errors';
import { formatFileError } from '../config/index.ts';

/**
 * The content of a file that a configuration key names.
 *
 * @throws config.file-unreadable
 */
export async function readNamedFile(key: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new TandemError(
      'config.file-unreadable',
      { key, file, detail: formatFileError(error) },
      { cause: error },
    );
  }
}

/**
 * Sees to it that this machine has the address for media; otherwise the first call would be the first to tell.
 *
 * @throws config.media-address
 */
export async function checkMediaAddress(address: string): Promise<void> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  try {
    socket.bind(0, address);
    await once(socket, 'listening');
  } catch (error) {
    throw new TandemError(
      'config.media-address',
      { address, detail: (error as Error).message },
      { cause: error },
    );
  } finally {
    socket.close();
  }
}
