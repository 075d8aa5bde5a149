import { Type } from '@sinclair/typebox';
import type { Instruction } from '@tandem/proto/generated/events.ts';
import {
  badContent,
  type ElementReader,
  leaveOut,
  matching,
  quoted,
  readAttributes,
  readText,
  resolveUrl,
  whole,
} from '../../documents/xml/index.ts';

const attributes = Type.Object({
  loop: whole(0, 1000, { default: 1 }), // 0: without end
  digits: Type.Optional(
    matching(/^[0-9A-D*#wW]{1,100}$/, 'up to 100 of 0-9, A-D, *, # and w (half a second) is', {
      essential: true,
    }),
  ),
});

/** Plays an audio file, or touch tones. */
export const readPlay: ElementReader<Instruction> = {
  tag: 'Play',
  read(element, source) {
    const values = readAttributes(element, attributes, source);
    const written = readText(element, source);
    if (values.digits !== undefined) {
      if (written !== '') throw badContent(element, 'has both digits and a URL', source);
      return { play: { url: '', ...values } };
    }
    if (written === '') return leaveOut(element, 'names no audio URL and has no digits', source);
    const url = resolveUrl(written, source);
    if (url === undefined) {
      throw badContent(element, `names "${quoted(written)}", which is no http:// or https:// URL`, source);
    }
    return { play: { url, ...values } };
  },
};
