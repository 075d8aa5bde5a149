import { Type } from '@sinclair/typebox';
import type { Instruction } from '@tandem/proto/generated/events.ts';
import { choice } from '../attribute-types.ts';
import { readAttributes } from '../read-attributes.ts';
import { type ElementReader, expectEmpty } from '../read-content.ts';

const attributes = Type.Object({
  reason: choice(['rejected', 'busy'], { default: 'rejected' }),
});

/** Refuses a call that was not answered yet. */
export const reject: ElementReader<Instruction> = {
  tag: 'Reject',
  read(element, source) {
    expectEmpty(element, source);
    return { reject: readAttributes(element, attributes, source) };
  },
};
