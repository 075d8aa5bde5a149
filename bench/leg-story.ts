import type { Message } from '@tandem/actors/runtime';
import type { Dialog } from '@tandem/proto/generated/events.ts';

const sdp = (port: number): string =>
  [
    'v=0',
    'o=- 20518 0 IN IP4 203.0.113.1',
    's=-',
    'c=IN IP4 203.0.113.1',
    't=0 0',
    `m=audio ${port} RTP/AVP 0 8 101`,
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-16',
    'a=ptime:20',
    'a=sendrecv',
    '',
  ].join('\r\n');

const dialog = (leg: string): Dialog => ({
  callId: `${leg}@203.0.113.1`,
  localTag: leg.slice(0, 16),
  remoteTag: leg.slice(16),
  localUri: 'sip:+15550100@198.51.100.1',
  remoteUri: 'sip:+15550199@203.0.113.1',
  remoteTarget: 'sip:caller@203.0.113.1:5060',
  routeSet: [],
  localSeq: 1,
  remoteSeq: 1,
  transport: 'udp',
  peerAddress: '203.0.113.1',
  peerPort: 5060,
  localContact: 'sip:198.51.100.1:5060',
});

/** A leg's stream, and what its actor is told from the first INVITE to the last word. */
export interface LegStory {
  readonly stream: string;
  readonly messages: readonly Message[];
}

const story = (id: string, opening: readonly Message[]): LegStory => ({
  stream: `leg-${id}`,
  messages: opening.map((message) => ({ ...message, correlation: `CA${id.slice(2)}` })),
});

const say = <T extends Message['type']>(type: T, data: Message<T>['data']): Message =>
  ({ type, data }) as Message;

const place = { region: 'ie1', gateway: 'gw1' };

/** A call comes in, rings, is answered, bridged, and hung up by the caller. */
const incoming = (id: string, callSid: string): LegStory =>
  story(id, [
    say('LegOffered', {
      legId: id,
      callSid,
      ...place,
      trunk: 'carrier',
      from: '+15550199',
      to: '+15550100',
      facts: {},
      dialog: dialog(id),
      offer: sdp(30_000),
      codecs: ['PCMU', 'PCMA'],
    }),
    say('MediaAllocated', { mediaId: id, address: '198.51.100.1', port: 20_000, sdp: sdp(20_000) }),
    say('RingRequested', { earlyMedia: false }),
    say('AnswerRequested', {}),
    say('AnswerConfirmed', {}),
    say('BridgeRequested', { peer: 'LE', hears: false }),
    say('MediaLatched', { address: '203.0.113.1', port: 30_000, codec: 'PCMU' }),
    say('ByeReceived', {}),
    say('LegEnded', { reason: 'completed', by: 'peer' }),
  ]);

/** Somebody is called, rings, answers, is bridged, and is hung up on. */
const outgoing = (id: string, callSid: string): LegStory =>
  story(id, [
    say('LegRequested', {
      legId: id,
      callSid,
      ...place,
      from: '+15550100',
      to: '+15550142',
      facts: {},
      timeout: 30_000,
      codecs: [],
      routes: [{ trunk: 'carrier', uri: 'sip:+15550142@203.0.113.1:5060' }],
    }),
    say('MediaAllocated', { mediaId: id, address: '198.51.100.1', port: 20_002, sdp: sdp(20_002) }),
    say('ProgressReceived', { status: 180, phrase: 'Ringing' }),
    say('AnswerReceived', { dialog: dialog(id), sdp: sdp(30_002), route: 0 }),
    say('BridgeRequested', { peer: 'LE', hears: false }),
    say('MediaLatched', { address: '203.0.113.1', port: 30_002, codec: 'PCMU' }),
    say('HangupRequested', { reason: 'completed' }),
    say('LegEnded', { reason: 'completed', by: 'router' }),
  ]);

/** The legs of so many calls, two each. `run` makes their names differ from those of other runs. */
export const legStories = (calls: number, run = 0): LegStory[] =>
  Array.from({ length: calls }, (_, call) => {
    const sid = (run * 1_000_000 + call).toString(16).padStart(31, '0');
    return [incoming(`LE${sid}0`, `CA${sid}0`), outgoing(`LE${sid}1`, `CA${sid}0`)];
  }).flat();

export const countMessages = (stories: readonly LegStory[]): number =>
  stories.reduce((count, { messages }) => count + messages.length, 0);
