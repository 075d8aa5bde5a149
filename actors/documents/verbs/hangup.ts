import { Type } from '@sinclair/typebox';
import type { Instruction } from '@tandem/proto/generated/events.ts';
import { type ElementReader, expectEmpty, readAttributes } from '../xml/index.ts';

const attributes = Type.Object({});

/** Ends the call. */
export const hangup: ElementReader<Instruction> = {
  tag: 'Hangup',
  read(element, source) {
    expectEmpty(element, source);
    return { hangup: readAttributes(element, attributes, source) };
  },
};
