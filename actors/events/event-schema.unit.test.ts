import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import protobuf from 'protobufjs';
import { isEventType, verifyEvent } from './event-schema.ts';

const descriptor = new URL(import.meta.resolve('@tandem/proto/generated/events.json'));
const root = protobuf.Root.fromJSON(JSON.parse(readFileSync(descriptor, 'utf8'))).resolveAll();
const messages = (root.lookup('tandem.events.v1') as protobuf.Namespace).nestedArray.filter(
  (one) => one instanceof protobuf.Type,
);

/** Data that a message may have: every field, or only those that it must have, or those set to what is zero. */
function sample(message: protobuf.Type, all: boolean, zero: boolean, depth = 0): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  const oneofs = new Set<protobuf.OneOf>();
  for (const field of message.fieldsArray) {
    const { partOf } = field;
    // One of a real choice; any that is optional, where all are wanted.
    if (partOf && !partOf.isProto3Optional && oneofs.has(partOf)) continue;
    if (partOf?.isProto3Optional && !all) continue;
    if (partOf) oneofs.add(partOf);
    const value = () => fieldValue(field, all, zero, depth);
    data[field.name] = field.repeated ? (zero || depth > 2 ? [] : [value(), value()]) : value();
  }
  return data;
}

function fieldValue(field: protobuf.Field, all: boolean, zero: boolean, depth: number): unknown {
  if (field.resolvedType instanceof protobuf.Type) return sample(field.resolvedType, all, zero, depth + 1);
  if (field.type === 'string') return zero ? '' : 'text';
  if (field.type === 'bool') return !zero;
  return zero ? 0 : 7;
}

const dialog = sample((root.lookup('tandem.events.v1.Dialog') as protobuf.Type)!, true, false);
const answer = { dialog, sdp: 'v=0', route: 0 };
const fault = (type: string, data: unknown): string | undefined => {
  try {
    verifyEvent(type, data);
    return undefined;
  } catch (error) {
    return (error as { params: { detail?: string } }).params.detail ?? (error as { code: string }).code;
  }
};

describe.each(messages.map((message) => [message.name, message] as const))('%s', (name, message) => {
  it('may have every field, or only those that it must have, also when these are zero', () => {
    for (const [all, zero] of [
      [true, false],
      [false, false],
      [true, true],
      [false, true],
    ] as const)
      expect(fault(name, sample(message, all, zero))).toBeUndefined();
  });

  it('must have every field that is not optional', () => {
    const data = sample(message, true, false);
    for (const field of message.fieldsArray) {
      const { [field.name]: _left, ...rest } = data;
      expect(fault(name, rest)).toBe(field.partOf ? undefined : `${field.name} is missing`);
    }
  });

  it('has fields of their types only', () => {
    const data = sample(message, true, false);
    for (const field of Object.keys(data))
      for (const wrong of [Symbol('wrong'), null])
        expect([field, fault(name, { ...data, [field]: wrong })]).not.toEqual([field, undefined]);
  });
});

describe('the check of an event', () => {
  it('says which field is wrong, also within others', () => {
    expect(fault('AnswerReceived', answer)).toBeUndefined();
    expect(fault('AnswerReceived', { ...answer, sdp: 5 })).toBe('sdp: string expected');
    expect(fault('AnswerReceived', { ...answer, route: -1.5 })).toBe('route: integer expected');
    const { callId: _none, ...nameless } = dialog;
    expect(fault('AnswerReceived', { ...answer, dialog: nameless })).toBe('dialog: callId is missing');
    expect(fault('PlayRequested', { playId: 'PL1', loop: 1, items: [{ tone: {} }] })).toBe(
      'items: tone: name is missing',
    );
  });

  it.each([undefined, null, 'text', 5])('refuses %p for data', (data) => {
    expect(fault('AnswerRequested', data)).toBe('it is no object');
  });

  it('knows the messages of the catalogue only', () => {
    for (const { name } of messages) expect(isEventType(name)).toBe(true);
    for (const type of ['Nothing', '', 'toString', 'PlayItem.Tone.x', '__proto__']) {
      expect(isEventType(type)).toBe(false);
      expect(fault(type, {})).toBe('runtime.unknown-event');
    }
  });
});
