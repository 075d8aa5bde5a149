import type { Instruction } from '@tandem/proto/generated/events.ts';
import { TandemError } from '../../errors/index.ts';
import { verbs } from '../../verbs/index.ts';
import { NOWHERE } from '../xml/index.ts';
import { parseDocument } from './parse-document.ts';

/**
 * Reads a document (TwiML) that answers a number without any application: whatever asks an application for more is
 * refused, so that it runs where nothing else can be reached. Files to play are fetched from where they are. What would
 * be left out of an application's document is refused, too: whoever writes a configuration can correct it.
 *
 * @param xml at most 64 KiB of UTF-8
 * @param takeLogin takes the user name and password out of a URL; they stay in it by default
 * @throws document.*
 */
export function parseStaticDocument(xml: string, takeLogin?: (url: string) => string): Instruction[] {
  const instructions = parseDocument(
    xml,
    { url: NOWHERE },
    {
      takeLogin,
      warn(warning) {
        throw warning;
      },
    },
  );
  for (const instruction of instructions) {
    const what = asksForMore(instruction);
    if (what !== undefined) throw new TandemError('document.not-static', { what });
  }
  return instructions;
}

/** What of an instruction cannot be done without an application. */
const asksForMore = (instruction: Instruction): string | undefined =>
  verbs.find(({ name }) => name in instruction)?.asksApplication?.(instruction);

/** The document that connects with a phone number or a SIP URI; the caller's call is taken when it answers. */
export function dialDocument(to: string): string {
  const text = to.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const noun = /^sips?:/i.test(to) ? 'Sip' : 'Number';
  return `<Response><Dial answerOnBridge="true"><${noun}>${text}</${noun}></Dial></Response>`;
}
