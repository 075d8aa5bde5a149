import { Type } from '@sinclair/typebox';
import type { Instruction } from '@tandem/proto/generated/events.ts';
import { type ElementReader, expectEmpty, readAttributes } from '../../documents/xml/index.ts';

const attributes = Type.Object({});

export const readLeave: ElementReader<Instruction> = {
  tag: 'Leave',
  read(element, source) {
    expectEmpty(element, source);
    return { leave: readAttributes(element, attributes, source) };
  },
};
