import { TandemError } from '@tandem/actors/errors';
import { HeaderFields } from './header-fields.ts';
import { MAX_HEAD_BYTES, MAX_HEADER_CHARACTERS, MAX_HEADERS, MAX_MESSAGE_BYTES } from './limits.ts';
import type { SipMessage, SipRequest } from './message.ts';
import { excerpt, malformed, TOKEN, trimSpace } from './syntax.ts';

export type ParseResult =
  | { readonly message: SipMessage }
  /** `request` is there when enough could be read to answer it with the error's status. */
  | { readonly error: TandemError; readonly request?: SipRequest };

type StartLine =
  | { readonly kind: 'request'; readonly method: string; readonly uri: string; readonly error?: TandemError }
  | { readonly kind: 'response'; readonly status: number; readonly phrase: string };

const REQUEST_LINE = /^([A-Za-z0-9\-.!%*_+`'~]+) ([^ ]+) SIP\/2\.0$/i;
const STATUS_LINE = /^SIP\/2\.0 ([1-6][0-9]{2})(?: (.*))?$/is;
/** The ends of anything that was meant as a request line, so that its sender can be told that it is wrong. */
const METHOD = /^([A-Za-z0-9\-.!%*_+`'~]+)[ \t]/;
const VERSION = /[ \t](SIP\/[0-9]{1,9}\.[0-9]{1,9})[ \t]*$/i;

const NO_BODY = Buffer.alloc(0);

/**
 * Cuts a datagram, or one message of a stream, into start line, header fields and body (RFC 3261, section 7).
 * Header values are not looked at, except for Content-Length: `checkMessage` does that. Never throws.
 */
export const parseMessage = (bytes: Buffer): ParseResult => {
  if (bytes.length > MAX_MESSAGE_BYTES) {
    return {
      error: new TandemError('sip.message-too-large', { size: bytes.length, limit: MAX_MESSAGE_BYTES }),
    };
  }
  const start = skipEmptyLines(bytes);
  const end = bytes.indexOf('\r\n\r\n', start, 'latin1');
  if (end === -1) return { error: malformed('no empty line ends its header fields', 'head') };
  if (end - start > MAX_HEAD_BYTES) {
    return { error: malformed(`it has ${end - start} bytes, more than ${MAX_HEAD_BYTES}`, 'head') };
  }
  const head = unfold(bytes.toString('utf8', start, end));
  const lineEnd = head.indexOf('\r\n');
  const startLine = parseStartLine(lineEnd === -1 ? head : head.slice(0, lineEnd));
  if (startLine instanceof TandemError) return { error: startLine };

  const headers = new HeaderFields();
  let error = startLine.kind === 'request' ? startLine.error : undefined;
  error = lineEnd === -1 ? error : (parseFields(head, lineEnd + 2, headers) ?? error);
  const body = parseBody(bytes.subarray(end + 4), headers);
  if (body instanceof TandemError) error ??= body;
  const message = { ...startLine, headers, body: body instanceof TandemError ? NO_BODY : body };
  if (error === undefined) return { message };
  return message.kind === 'request' ? { error, request: message } : { error };
};

/** RFC 3261, 7.5: empty lines before the start line are ignored. */
const skipEmptyLines = (bytes: Buffer): number => {
  let start = 0;
  while (bytes[start] === 0x0d && bytes[start + 1] === 0x0a) start += 2;
  return start;
};

/** RFC 3261, 7.3.1: a line that begins with whitespace goes on with the line before. */
const unfold = (head: string): string =>
  head.includes('\r\n ') || head.includes('\r\n\t') ? head.replace(/\r\n[ \t]+/g, ' ') : head;

const parseStartLine = (line: string): StartLine | TandemError => {
  if (line.length > MAX_HEADER_CHARACTERS) {
    return malformed(`it has more than ${MAX_HEADER_CHARACTERS} characters`, 'start line');
  }
  const request = REQUEST_LINE.exec(line);
  if (request !== null) return { kind: 'request', method: request[1]!, uri: request[2]! };
  const response = STATUS_LINE.exec(line);
  if (response !== null) {
    return { kind: 'response', status: Number(response[1]), phrase: response[2] ?? '' };
  }
  const method = METHOD.exec(line)?.[1];
  const version = VERSION.exec(line);
  if (method === undefined || version === null || method.length > version.index) {
    return malformed(`${excerpt(line)} is no request line and no status line`, 'start line');
  }
  const error =
    version[1]!.toUpperCase() === 'SIP/2.0'
      ? malformed(`${excerpt(line)} is not method, URI and version with one space between`, 'start line')
      : new TandemError('sip.version-not-supported', { version: version[1]! });
  return { kind: 'request', method, uri: trimSpace(line.slice(method.length, version.index)), error };
};

/** Adds the fields to `headers`; goes on after a bad one, whose error it returns, so that an answer can be made. */
const parseFields = (head: string, from: number, headers: HeaderFields): TandemError | undefined => {
  let error: TandemError | undefined;
  for (let at = from; at < head.length; ) {
    const lineFeed = head.indexOf('\n', at);
    const next = lineFeed === -1 ? head.length : lineFeed + 1;
    const end = lineFeed === -1 ? head.length : lineFeed - 1;
    if (headers.size >= MAX_HEADERS)
      return malformed(`it has more than ${MAX_HEADERS} header fields`, 'head');
    error = parseField(head.slice(at, end), lineFeed === -1 || head[end] === '\r', headers) ?? error;
    at = next;
  }
  return error;
};

const parseField = (line: string, ended: boolean, headers: HeaderFields): TandemError | undefined => {
  if (!ended || line.includes('\r')) return malformed('a line does not end with CR and LF', 'head');
  if (line.length > MAX_HEADER_CHARACTERS) {
    return malformed(`a header field has more than ${MAX_HEADER_CHARACTERS} characters`, 'head');
  }
  const colon = line.indexOf(':');
  const name = trimSpace(line.slice(0, Math.max(colon, 0)));
  if (!TOKEN.test(name)) return malformed(`${excerpt(line)} is no header field`, 'head');
  headers.appendParsed(name, trimSpace(line.slice(colon + 1)));
  return undefined;
};

/**
 * RFC 3261, 18.3: bytes after the body are ignored and missing ones are an error; without Content-Length the body is
 * the rest of the datagram.
 */
const parseBody = (rest: Buffer, headers: HeaderFields): Buffer | TandemError => {
  const lengths = headers.all('Content-Length');
  const [text] = lengths;
  if (text === undefined) return rest;
  if (lengths.length > 1) return malformed('it is there more than once', 'Content-Length');
  if (!/^[0-9]{1,9}$/.test(text)) return malformed(`${excerpt(text)} is no length`, 'Content-Length');
  const length = Number(text);
  if (length > rest.length) {
    return malformed(`it says ${length} bytes, but ${rest.length} came`, 'Content-Length');
  }
  return rest.subarray(0, length);
};
