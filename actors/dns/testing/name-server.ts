import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** A question as it came: the name in lower case, and the number of its type (1: A, 28: AAAA, 33: SRV, 35: NAPTR). */
export interface Question {
  readonly name: string;
  readonly type: number;
}

/** What a test's name server says: data of records of the type that was asked for, or that there is no such name. */
export type Answer = readonly Buffer[] | 'no-such-name' | 'silence' | 'failure';

const RCODES = { 'no-such-name': 3, failure: 2 } as const;

/** A name server of loopback, over UDP (RFC 1035, section 4). */
export async function nameServer(answer: (question: Question) => Answer) {
  const asked: Question[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (request, { port, address }) => {
    const labels: string[] = [];
    let at = 12;
    for (; request[at] !== 0; at += 1 + request[at]!) {
      labels.push(request.toString('latin1', at + 1, at + 1 + request[at]!));
    }
    const question = { name: labels.join('.').toLowerCase(), type: request.readUInt16BE(at + 1) };
    asked.push(question);
    const said = answer(question);
    if (said === 'silence') return;
    const records = typeof said === 'string' ? [] : said;
    // A response, recursion available; one question.
    const head = Buffer.from(request.subarray(0, 12));
    head.writeUInt16BE(0x8180 | (typeof said === 'string' ? RCODES[said] : 0), 2);
    head.writeUInt16BE(records.length, 6);
    head.writeUInt32BE(0, 8);
    const parts = records.map((data) => record(question.type, data));
    socket.send(Buffer.concat([head, request.subarray(12, at + 5), ...parts]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    /** As `servers` of a resolver take it. */
    address: `127.0.0.1:${socket.address().port}`,
    /** Every question so far. */
    asked: asked as readonly Question[],
    /** Resolves once a question was asked that fits. */
    async waitFor(fits: (question: Question) => boolean): Promise<void> {
      while (!asked.some(fits)) await once(socket, 'message');
    },
    close: () => new Promise<void>((resolve) => socket.close(resolve)),
  };
}

/** A record of the name that was asked for. */
const record = (type: number, data: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0xc0, 0x0c, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length]), data]);

/** Data of an A record. */
export const ipv4 = (address: string): Buffer => Buffer.from(address.split('.').map(Number));

/** Data of an AAAA record, given as eight groups. */
export const ipv6 = (groups: readonly number[]): Buffer =>
  Buffer.concat(groups.map((group) => Buffer.from([group >> 8, group & 255])));
