import { Type } from '@sinclair/typebox';
import type { Instruction } from '@tandem/proto/generated/events.ts';
import { type ElementReader, expectEmpty, readAttributes, whole } from '../../documents/xml/index.ts';

const attributes = Type.Object({
  length: whole(1, 3600, { default: 1 }), // seconds
});

/** Waits in silence. */
export const readPause: ElementReader<Instruction> = {
  tag: 'Pause',
  read(element, source) {
    expectEmpty(element, source);
    return { pause: readAttributes(element, attributes, source) };
  },
};
