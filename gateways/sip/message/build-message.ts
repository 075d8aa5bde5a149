import { HeaderFields } from './header-fields.ts';
import { headerKey } from './header-names.ts';
import type { SipRequest, SipResponse } from './message.ts';
import { toTag } from './message-fields.ts';
import { phraseOf } from './status-phrases.ts';

/** Name and value of a header field. */
export type Header = readonly [name: string, value: string];

/** A body and its type. */
export interface Content {
  readonly type: string;
  readonly body: string | Buffer;
}

export const sdpContent = (sdp: string): Content => ({ type: 'application/sdp', body: sdp });

/** What we call ourselves in Server and User-Agent. */
export const product = 'Tandem';

const empty = Buffer.alloc(0);

const bodyOf = (content: Content | undefined): Buffer =>
  content === undefined ? empty : typeof content.body === 'string' ? ownBytes(content.body) : content.body;

/**
 * A text's bytes in memory of their own. Node makes small buffers out of a shared one of 64 KiB, all of which each of
 * them keeps; and a request lives as long as its transaction.
 */
const ownBytes = (text: string): Buffer => {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
};

/** A request with these header fields, in this order. @throws sip.unsafe-header */
export const buildRequest = (
  method: string,
  uri: string,
  fields: readonly Header[],
  content?: Content,
): SipRequest => {
  const headers = new HeaderFields();
  for (const [name, value] of fields) headers.append(name, value);
  headers.appendParsed('User-Agent', product);
  if (content !== undefined) headers.append('Content-Type', content.type);
  return { kind: 'request', method, uri, headers, body: bodyOf(content) };
};

export interface ResponseParts {
  /** Our tag, where the request's To has none; a 100 has none. */
  readonly tag?: string;
  readonly phrase?: string;
  readonly headers?: readonly Header[];
  readonly content?: Content;
}

/** A response to a request (RFC 3261, section 8.2.6). @throws sip.unsafe-header */
export const buildResponse = (
  request: SipRequest,
  status: number,
  parts: ResponseParts = {},
): SipResponse => {
  const headers = new HeaderFields();
  // Record-Route makes the dialog's route set (12.1.1); a refusal makes no dialog.
  const makesDialog = status > 100 && status < 300 && request.method === 'INVITE';
  for (const [name, value] of request.headers) {
    switch (headerKey(name)) {
      case 'via':
      case 'from':
      case 'call-id':
      case 'cseq':
        headers.appendParsed(name, value);
        break;
      case 'to':
        headers.appendParsed(
          name,
          parts.tag === undefined || toTag(request) !== undefined ? value : `${value};tag=${parts.tag}`,
        );
        break;
      case 'record-route':
        if (makesDialog) headers.appendParsed(name, value);
        break;
      case 'timestamp':
        if (status === 100) headers.appendParsed(name, value);
    }
  }
  if (parts.headers !== undefined) for (const [name, value] of parts.headers) headers.append(name, value);
  headers.appendParsed('Server', product);
  if (parts.content !== undefined) headers.append('Content-Type', parts.content.type);
  return {
    kind: 'response',
    status,
    phrase: parts.phrase ?? phraseOf(status),
    headers,
    body: bodyOf(parts.content),
  };
};

const copied = (from: SipRequest, to: HeaderFields, ...names: string[]): void => {
  for (const name of names) for (const value of from.headers.all(name)) to.appendParsed(name, value);
};

/** The ACK to a 3xx to 6xx, which belongs to the INVITE's transaction (RFC 3261, section 17.1.1.3). */
export const buildRefusalAck = (invite: SipRequest, response: SipResponse): SipRequest => {
  const headers = new HeaderFields();
  headers.appendParsed('Via', invite.headers.get('Via')!);
  copied(invite, headers, 'Route');
  headers.appendParsed('Max-Forwards', '70');
  copied(invite, headers, 'From');
  headers.appendParsed('To', response.headers.get('To')!);
  copied(invite, headers, 'Call-ID');
  headers.appendParsed('CSeq', `${Number.parseInt(invite.headers.get('CSeq')!, 10)} ACK`);
  return { kind: 'request', method: 'ACK', uri: invite.uri, headers, body: empty };
};

/** The CANCEL of an INVITE of ours (RFC 3261, section 9.1), with further header fields such as Reason. */
export const buildCancel = (invite: SipRequest, fields: readonly Header[] = []): SipRequest => {
  const headers = new HeaderFields();
  headers.appendParsed('Via', invite.headers.get('Via')!);
  copied(invite, headers, 'Route');
  headers.appendParsed('Max-Forwards', '70');
  copied(invite, headers, 'From', 'To', 'Call-ID');
  headers.appendParsed('CSeq', `${Number.parseInt(invite.headers.get('CSeq')!, 10)} CANCEL`);
  for (const [name, value] of fields) headers.append(name, value);
  headers.appendParsed('User-Agent', product);
  return { kind: 'request', method: 'CANCEL', uri: invite.uri, headers, body: empty };
};
