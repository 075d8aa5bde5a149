export interface RawRequest {
  readonly method?: string;
  readonly transport?: string;
  readonly sentBy?: string;
  readonly branch?: string;
  /** More lines of the head, or lines that are wrong. */
  readonly lines?: readonly string[];
  readonly body?: string;
}

/** A request as a peer would write it. */
export const rawRequest = (request: RawRequest = {}): Buffer => {
  const {
    method = 'OPTIONS',
    transport = 'UDP',
    sentBy = '127.0.0.1:5060',
    branch = '1',
    lines = [],
  } = request;
  const { body = '' } = request;
  const head = [
    `${method} sip:tandem@192.0.2.1 SIP/2.0`,
    `Via: SIP/2.0/${transport} ${sentBy};branch=z9hG4bK${branch};rport`,
    'From: <sip:peer@example.com>;tag=1',
    'To: <sip:tandem@192.0.2.1>',
    `Call-ID: ${branch}@example.com`,
    `CSeq: 1 ${method}`,
    ...lines,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
};
