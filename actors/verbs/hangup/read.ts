import { Type } from '@sinclair/typebox';
import type { Instruction } from '@tandem/proto/generated/events.ts';
import { type ElementReader, expectEmpty, readAttributes } from '../../documents/xml/index.ts';

const attributes = Type.Object({});

/** Ends the call. */
export const readHangup: ElementReader<Instruction> = {
  tag: 'Hangup',
  read(element, source) {
    expectEmpty(element, source);
    return { hangup: readAttributes(element, attributes, source) };
  },
};
