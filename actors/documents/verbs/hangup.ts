import { Type } from '@sinclair/typebox';
import type { Instruction } from '@tandem/proto/generated/events.ts';
import { readAttributes } from '../read-attributes.ts';
import { type ElementReader, expectEmpty } from '../read-content.ts';

const attributes = Type.Object({});

/** Ends the call. */
export const hangup: ElementReader<Instruction> = {
  tag: 'Hangup',
  read(element, source) {
    expectEmpty(element, source);
    return { hangup: readAttributes(element, attributes, source) };
  },
};
