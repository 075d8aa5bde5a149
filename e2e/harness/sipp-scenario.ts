import { CODECS, type CodecName } from '@tandem/gateways/audio/codecs';
import type { AgreedFormat } from '@tandem/gateways/media';
import { RTPMAPS } from '@tandem/gateways/sdp';

/**
 * What a peer of a test says and waits for, as a scenario for sipp: steps in turn, each a piece of its XML. A
 * message that no step waits for ends the scenario as a failure, unless it repeats an earlier one.
 */
export type Step = string;

/** Values for [keywords] that every scenario may use: `number`, the one that is called, and `rtp_port`. */
const CALLED = 'sip:[number]@[remote_ip]:[remote_port]';

export interface Sdp {
  /** PCMU unless given. */
  readonly codec?: CodecName;
  /** Whether keys are sent as telephone-events (RFC 4733); true unless given. */
  readonly events?: boolean;
  readonly direction?: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
  /** The address that it claims to be at; its own unless given. */
  readonly address?: string;
  readonly port?: string;
  /** Of the o= line; grows with each description. */
  readonly version?: number;
}

/** A codec as our offers name it; telephones here answer with the same payload types, and offer them. */
export const formatOf = (codec: CodecName): AgreedFormat => ({
  codec,
  payloadType: CODECS[codec].payloadType ?? 96,
  dtmfPayloadType: CODECS[codec].clockRate === 8000 ? 101 : 102,
});

/** A session description of one audio stream. */
export function sdp(description: Sdp = {}): string {
  const { codec = 'PCMU', events = true, direction = 'sendrecv', version = 1 } = description;
  const { address = '[local_ip]', port = '[rtp_port]' } = description;
  const { payloadType, dtmfPayloadType } = formatOf(codec);
  const { clockRate } = CODECS[codec];
  return [
    'v=0',
    `o=peer 1 ${version} IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    `m=audio ${port} RTP/AVP ${payloadType}${events ? ` ${dtmfPayloadType}` : ''}`,
    `a=rtpmap:${payloadType} ${RTPMAPS[codec]}`,
    ...(events
      ? [`a=rtpmap:${dtmfPayloadType} telephone-event/${clockRate}`, `a=fmtp:${dtmfPayloadType} 0-15`]
      : []),
    `a=${direction}`,
  ].join('\n');
}

interface Content {
  readonly headers?: readonly string[];
  readonly body?: string;
  /** Of the body; application/sdp unless given. */
  readonly type?: string;
}

function send(
  lines: readonly string[],
  { headers = [], body, type = 'application/sdp' }: Content,
  retransmit: boolean,
): Step {
  const content =
    body === undefined
      ? ['Content-Length: 0', '']
      : [`Content-Type: ${type}`, 'Content-Length: [len]', '', body];
  return `<send${retransmit ? ' retrans="500"' : ''}><![CDATA[\n${[...lines, ...headers, ...content].join('\n')}\n]]></send>`;
}

/** The calling side (RFC 3261, section 8.1), whose first step is `invite`. */
export const caller = {
  invite: (
    body?: string,
    headers: readonly string[] = [],
    { hops, type, cseq = 1 }: { hops?: number; type?: string; cseq?: number } = {},
  ): Step =>
    send(
      byCaller('INVITE', CALLED, cseq, '', inviteBranch(cseq), hops),
      { body, type, headers: [contact('carrier'), ...headers] },
      true,
    ),
  /** The INVITE again, with an answer to the challenge that came; once more with another `cseq` when that was wrong. */
  inviteAs: (username: string, password: string, body?: string, cseq = 2): Step =>
    send(
      byCaller('INVITE', CALLED, cseq, '', inviteBranch(cseq)),
      {
        body,
        headers: [contact('carrier'), `[authentication username=${username} password=${password}]`],
      },
      true,
    ),
  /** Acknowledges the answer to the INVITE with this number. */
  ack: (cseq = 1, body?: string): Step =>
    send(byCaller('ACK', '[next_url]', cseq, '[peer_tag_param]'), { body }, false),
  /** Acknowledges a refusal: within the transaction of the INVITE (section 17.1.1.3). */
  ackRefusal: (cseq = 1): Step =>
    send(byCaller('ACK', CALLED, cseq, '[peer_tag_param]', inviteBranch(cseq)), {}, false),
  /** Takes the INVITE back. */
  cancel: (): Step => send(byCaller('CANCEL', CALLED, 1, '', inviteBranch(1)), {}, true),
  /** Asks whether a call would be taken (section 11.1). */
  options: (): Step => send(byCaller('OPTIONS', CALLED, 1), { headers: [contact('carrier')] }, true),
  request: (method: string, cseq: number, content: Content = {}): Step =>
    send(
      byCaller(method, '[next_url]', cseq, '[peer_tag_param]', branchOf(method, cseq)),
      { ...content, headers: [contact('carrier'), ...(content.headers ?? [])] },
      true,
    ),
};

/** A CANCEL and the ACK to a refusal have the branch of their INVITE (RFC 3261, sections 9.1 and 17.1.1.3). */
const inviteBranch = (cseq: number): string => `z9hG4bK-[pid]-[call_number]-invite-${cseq}`;

const branchOf = (method: string, cseq: number): string =>
  method === 'INVITE' ? inviteBranch(cseq) : '[branch]';

const contact = (user: string): string =>
  `Contact: <sip:${user}@[local_ip]:[local_port];transport=[transport]>`;

const byCaller = (
  method: string,
  uri: string,
  cseq: number,
  tag = '',
  branch = '[branch]',
  hops = 70,
): string[] => [
  `${method} ${uri} SIP/2.0`,
  `Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=${branch}`,
  'From: "Ann" <sip:+15550199@[local_ip]:[local_port]>;tag=ann[call_number]',
  `To: <${CALLED}>${tag}`,
  'Call-ID: [call_id]',
  `CSeq: ${cseq} ${method}`,
  `Max-Forwards: ${hops}`,
];

/** The called side, whose first step is `invited`. */
export const callee = {
  invited: (): Step =>
    recv(
      'request="INVITE"',
      ereg('&lt;.*', 'From:', 'caller'),
      ereg('sip:[^&gt;]*', 'Contact:', 'target'),
      ereg('.*', 'Via:', 'via'),
      ereg('[0-9]+', 'CSeq:', 'number'),
    ),
  /** Answers the INVITE, whatever came since. */
  answer: (status: string, content: Content = {}): Step =>
    send(
      [
        `SIP/2.0 ${status}`,
        'Via: [$via]',
        'From: [$caller]',
        `To: <sip:callee@[local_ip]:[local_port]>;${CALLEE_TAG}`,
        'Call-ID: [call_id]',
        'CSeq: [$number] INVITE',
        contact('callee'),
      ],
      content,
      Number(status.slice(0, 3)) >= 200,
    ),
  request: (method: string, cseq: number, content: Content = {}): Step =>
    send(byCallee(method, cseq, branchOf(method, cseq)), content, true),
  /** Acknowledges the answer to its own INVITE with this number. */
  ack: (cseq: number, body?: string): Step => send(byCallee('ACK', cseq, '[branch]'), { body }, false),
  /** Acknowledges a refusal of it. */
  ackRefusal: (cseq: number): Step => send(byCallee('ACK', cseq, inviteBranch(cseq)), {}, false),
};

const byCallee = (method: string, cseq: number, branch: string): string[] => [
  `${method} [$target] SIP/2.0`,
  `Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=${branch}`,
  `From: <sip:callee@[local_ip]:[local_port]>;${CALLEE_TAG}`,
  'To: [$caller]',
  'Call-ID: [call_id]',
  `CSeq: ${cseq} ${method}`,
  'Max-Forwards: 70',
];

const CALLEE_TAG = 'tag=callee[call_number]';

/** Answers the request that came last. */
export const reply = (status = '200 OK', content: Content = {}): Step =>
  send(
    [`SIP/2.0 ${status}`, ...['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => `[last_${name}:]`)],
    content,
    false,
  );

/** Waits for a request that is answered after other things have come. */
export const expectToAnswerLater = (method: string): Step =>
  recv(`request="${method}"`, ...ANSWERED.map((name) => ereg('.*', `${name}:`, `later${name}`)));

/** Answers that request. */
export const answerLater = (status: string, content: Content = {}): Step =>
  send(
    [`SIP/2.0 ${status}`, ...ANSWERED.map((name) => `${name}: [$later${name}]`), 'Call-ID: [call_id]'],
    content,
    false,
  );

/** What an answer repeats of its request. */
const ANSWERED = ['Via', 'From', 'To', 'CSeq'];

/** Waits for an answer. */
export const expectAnswer = (status: number, fits: Fits = {}): Step =>
  recv(`response="${status}"`, ...checks(fits));

/** Waits to be asked for credentials (RFC 3261, section 22.2). */
export const expectChallenge = (): Step => recv('response="401" auth="true"');

/** Waits until the INVITE is answered, or has another status; what follows goes to where the answer says. */
export const expectAnswered = (fits: Fits = {}, status = 200): Step =>
  recv(`response="${status}" rrs="true"`, ...checks(fits));

/** An answer that may come or not. */
export const mayCome = (...statuses: readonly number[]): Step =>
  statuses.map((status) => `<recv response="${status}" optional="true"/>`).join('\n');

/** Waits for a request. */
export const expectRequest = (method: string, fits: Fits = {}): Step =>
  recv(`request="${method}"`, ...checks(fits));

/**
 * What is to be found in a message: regular expressions by the header's name, or for the `body`. What the first has
 * found can be said as `[$found0]`.
 */
export type Fits = Readonly<Record<string, string>>;

const checks = (fits: Fits): string[] =>
  Object.entries(fits).map(([name, pattern], index) =>
    name === 'body'
      ? `<ereg regexp="${pattern}" search_in="body" check_it="true" assign_to="found${index}"/>`
      : ereg(pattern, `${name}:`, `found${index}`),
  );

const ereg = (pattern: string, header: string, variable: string): string =>
  `<ereg regexp="${pattern}" search_in="hdr" header="${header}" check_it="true" assign_to="${variable}"/>`;

const recv = (what: string, ...actions: readonly string[]): Step =>
  actions.length === 0 ? `<recv ${what}/>` : `<recv ${what}><action>${actions.join('\n')}</action></recv>`;

/** Goes on when the test says so, with `Sipp.go(word)`. */
export const waitFor = (word: string): Step => `
  <label id="wait_${word}"/>
  <nop next="go_${word}" test="is_${word}"><action>
    <assignstr assign_to="file_${word}" value="[file name=${word}]"/>
    <ereg regexp="^go" search_in="var" variable="file_${word}" assign_to="is_${word}"/>
  </action></nop>
  <pause milliseconds="20" next="wait_${word}"/>
  <label id="go_${word}"/>`;

/** The words for which steps wait. */
export const wordsOf = (xml: string): string[] =>
  [...xml.matchAll(/\[file name=(\w+)\]/g)].map(([, word]) => word!);

/** Sends what was captured from a telephone's audio to where the media of the call is. */
export const playCapture = (file: string): Step =>
  `<nop><action><exec play_pcap_audio="${file}"/></action></nop>`;

export const pause = (milliseconds: number): Step => `<pause milliseconds="${milliseconds}"/>`;

/** The steps as a file for sipp. */
export function scenario(...steps: readonly Step[]): string {
  const xml = steps.join('\n');
  const assigned = new Set([...xml.matchAll(/assign_to="(\w+)"/g)].map(([, name]) => name));
  const reference = assigned.size > 0 ? `<Reference variables="${[...assigned].join(',')}"/>` : '';
  return `<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="test">\n${xml}\n${reference}\n</scenario>\n`;
}
