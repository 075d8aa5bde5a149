import { MAX_UDP_REQUEST_BYTES } from './limits.ts';
import type { SipMessage, SipRequest } from './message.ts';

/** The bytes of a message as they go over the wire; Content-Length is set to what the body has. */
export const serializeMessage = (message: SipMessage): Buffer => {
  let head =
    message.kind === 'request'
      ? `${message.method} ${message.uri} SIP/2.0\r\n`
      : `SIP/2.0 ${message.status} ${message.phrase}\r\n`;
  for (const [name, value] of message.headers) {
    if (!isContentLength(name)) head += `${name}: ${value}\r\n`;
  }
  head += `Content-Length: ${message.body.length}\r\n\r\n`;
  return message.body.length === 0 ? Buffer.from(head) : Buffer.concat([Buffer.from(head), message.body]);
};

const isContentLength = (name: string): boolean =>
  name === 'Content-Length' || name === 'l' || name === 'L' || name.toLowerCase() === 'content-length';

/** Whether a request should not go over UDP, because the path may cut it in fragments (RFC 3261, 18.1.1). */
export const isTooLargeForUdp = (request: SipRequest): boolean => {
  // As serializeMessage writes it, without doing that.
  let size = Buffer.byteLength(`${request.method} ${request.uri} SIP/2.0\r\n`) + request.body.length;
  for (const [name, value] of request.headers)
    if (!isContentLength(name)) size += Buffer.byteLength(name) + Buffer.byteLength(value) + 4;
  return size + `Content-Length: ${request.body.length}\r\n\r\n`.length > MAX_UDP_REQUEST_BYTES;
};
