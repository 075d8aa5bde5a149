import { Type } from '@sinclair/typebox';
import type { Instruction } from '@tandem/proto/generated/events.ts';
import type { DocumentSource } from '../../documents/xml/index.ts';
import {
  badContent,
  collapse,
  type ElementReader,
  language,
  leaveOut,
  readAttributes,
  text,
  unreadable,
  whole,
  type XmlElement,
} from '../../documents/xml/index.ts';

const attributes = Type.Object({
  voice: Type.Optional(text(100)),
  language: Type.Optional(language()),
  loop: whole(0, 1000, { default: 1 }), // 0: without end
});

/** Characters of text that one Say may have, as Twilio has it. */
export const MAX_SAY_LENGTH = 4096;

/** Tags of SSML (W3C, 1.1) that stand within a sentence; their text is said as it is. */
const INLINE = new Set(['emphasis', 'lang', 'phoneme', 'prosody', 'say-as', 'sub', 'w', 'amazon:effect']);
/** Tags of SSML that part words. */
const PARTING = new Set(['break', 'p', 's']);

/** Speaks text to the caller. */
export const readSay: ElementReader<Instruction> = {
  tag: 'Say',
  read(element, source) {
    const spoken = collapse(spokenText(element, source));
    if (spoken === '') return leaveOut(element, 'has no text to say', source);
    if (spoken.length > MAX_SAY_LENGTH) {
      throw badContent(element, `has more than ${MAX_SAY_LENGTH} characters of text`, source);
    }
    return { say: { text: spoken, ...readAttributes(element, attributes, source) } };
  },
};

/** What is said, with SSML's markup taken out: its manner is not kept, its words are. */
function spokenText(element: XmlElement, source: DocumentSource): string {
  const parts = element.children.map((child) => {
    if (typeof child === 'string') return child;
    if (PARTING.has(child.name)) return ` ${spokenText(child, source)} `;
    if (!INLINE.has(child.name)) throw unreadable(child, element, [...INLINE, ...PARTING], source);
    const alias = child.attributes.find(({ name }) => child.name === 'sub' && name === 'alias');
    return alias?.value ?? spokenText(child, source);
  });
  return parts.join('');
}
