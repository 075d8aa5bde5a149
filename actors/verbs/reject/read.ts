import { Type } from '@sinclair/typebox';
import type { Instruction } from '@tandem/proto/generated/events.ts';
import { choice, type ElementReader, expectEmpty, readAttributes } from '../../documents/xml/index.ts';

const attributes = Type.Object({
  reason: choice(['rejected', 'busy'], { default: 'rejected' }),
});

/** Refuses a call that was not answered yet. */
export const readReject: ElementReader<Instruction> = {
  tag: 'Reject',
  read(element, source) {
    expectEmpty(element, source);
    return { reject: readAttributes(element, attributes, source) };
  },
};
