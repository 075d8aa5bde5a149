import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { type CallHistory, describeEvent, replayCall, stateChange } from '@tandem/actors/history';
import type { RecordedEvent } from '@tandem/actors/stores/event-store';
import { replayLines } from '../replay-view/replay-view.ts';
import { createStyle, type Look } from './terminal.ts';
import { timelineLines } from './timeline.ts';

const CALL = `CA${'1'.repeat(32)}`;
const CALLER = `LE${'a'.repeat(32)}`;
const plain: Look = { style: createStyle(false), width: 120 };

const event = (revision: number, type: string, data: unknown): RecordedEvent => ({
  stream: `call-${CALL}`,
  revision,
  type,
  data,
  version: 1,
  time: 1_700_000_000_000 + revision * 1204,
  id: `${revision}`,
  position: '',
  region: 'us1',
  cause: '',
  correlation: CALL,
});

/** A call of which something failed, with a message that came from outside. */
const failing = (message: string): CallHistory => ({
  callSid: CALL,
  participants: [
    { stream: `call-${CALL}`, name: 'call' },
    { stream: `leg-${CALLER}`, name: 'caller' },
  ],
  events: [
    event(0, 'CallReceived', {
      callSid: CALL,
      accountSid: 'AC1',
      legId: CALLER,
      region: 'ie1',
      gateway: 'gw1',
      trunk: 'carrier',
      from: '+15550111',
      to: '+15550100',
      codecs: ['PCMU'],
      application: { voiceUrl: 'https://user:hunter2@app.example.com/voice', voiceMethod: 'POST' },
    }),
    event(1, 'ActionFailed', { action: 'command', code: 'link.lost', message }),
  ],
});

const shown = (history: CallHistory, look = plain): string[] =>
  [...replayCall(history)].flatMap((step) => timelineLines(step, history.events[0]!.time, history, look));

describe('a timeline', () => {
  it('says when, who, what, from which state to which, and what was sent', () => {
    expect(shown(failing('no region'))).toEqual([
      '   +0.000 s  22:13:20.000  call      CallReceived         new → running.fetching',
      '                                                          +15550111 → +15550100: https://app.example.com/voice',
      '                                                          ↳ fetch POST https://app.example.com/voice',
      '   +1.204 s  22:13:21.204  call      ActionFailed         running.fetching',
      '                                                          command: no region [link.lost]',
    ]);
  });

  it('leaves the time of day out where there is no room for it', () => {
    expect(shown(failing('no region'), { ...plain, width: 80 }).slice(0, 3)).toEqual([
      '   +0.000 s  call      CallReceived         new → running.fetching',
      '                                            +15550111 → +15550100:',
      '                                            https://app.example.com/voice',
    ]);
  });

  it('says of a leg that has ended how its media did, both ways', () => {
    const heard = { packets: 1000, lost: 20, jitter: 3.6, mos: 4.04 };
    const told = { packets: 990, lost: 0, jitter: 1, roundTrip: 41.3, mos: 4.39 };
    const data = { reason: 'completed', by: 'peer', heard, told };
    expect(describeEvent('LegEnded', data, new Map())).toBe(
      'completed by peer; heard MOS 4.0 (lost 20 of 1000, jitter 4 ms); ' +
        'was heard MOS 4.4 (lost 0 of 990, jitter 1 ms, round trip 41 ms)',
    );
  });

  it('marks an event that the machine of today does not take', () => {
    const { events, ...history } = failing('x');
    const late = event(2, 'CallPlayFinished', { legId: CALLER, playId: 'PL1', outcome: 'completed' });
    expect(shown({ ...history, events: [...events, late] }).at(-1)).toContain('not taken');
  });

  it.each([72, 80, 100, 120])('stays within a width of %d, and bounds what a peer says', (width) => {
    const lines = shown(failing('word '.repeat(500)), { ...plain, width });
    expect(lines.filter((line) => line.length > width)).toEqual([]);
    expect(lines.length).toBeLessThan(14);
    expect(lines.at(-1)).toMatch(/… and \d+ lines more$/);
  });

  it('lets no control character of a peer reach the terminal', () => {
    const text = shown(failing('\x1b[2Jgone\nnext\u202egnihton')).join('');
    expect(text).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(text).toContain('\\x1b[2Jgone');
  });

  it('shows no password, in the timeline or in the states', () => {
    const history = failing('x');
    const states = [...replayCall(history)].flatMap((step) => replayLines(step, history, plain));
    expect([...shown(history), ...states].join('\n')).not.toContain('hunter2');
    expect(states.join('\n')).toContain('request.url               – → https://…@app.example.com/voice');
  });

  it('has colours only when it is told so', () => {
    const coloured = shown(failing('x'), { ...plain, style: createStyle(true) });
    expect(coloured[0]).toContain('\x1b[');
    expect(coloured.map(stripVTControlCharacters)).toEqual(shown(failing('x')));
  });
});

describe('a change of state', () => {
  it.each([
    ['new', 'running.fetching', 'new → running.fetching'],
    ['running.fetching', 'running.fetching', 'running.fetching'],
    ['live dialog:offered media:allocating', 'live dialog:offered media:idle', 'media allocating → idle'],
    [
      'live dialog:placing media:allocating',
      'live dialog:inviting.trying media:idle',
      'dialog placing → inviting.trying, media allocating → idle',
    ],
    ['live dialog:offered media:idle', 'ending', 'live dialog:offered media:idle → ending'],
  ])('from %s to %s is "%s"', (from, to, says) => {
    expect(stateChange(from, to)).toBe(says);
  });
});
