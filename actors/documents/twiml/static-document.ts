import type { Instruction } from '@tandem/proto/generated/events.ts';
import { TandemError } from '../../errors/index.ts';
import { parseDocument } from './parse-document.ts';

/** Where a document that is in a configuration would be (RFC 2606): what is relative to it is nowhere. */
const NOWHERE = 'http://static-number.invalid/';

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
function asksForMore(instruction: Instruction): string | undefined {
  if ('redirect' in instruction) return 'Redirect asks for another document';
  if ('gather' in instruction) return 'Gather hands what it collects to an application';
  if ('dial' in instruction && instruction.dial.action !== undefined)
    return 'the action of Dial asks for one';
  if ('play' in instruction && instruction.play.url.startsWith(NOWHERE))
    return 'Play names a file without saying on which server it is';
  return undefined;
}

/** The document that connects with a phone number or a SIP URI; the caller's call is taken when it answers. */
export function dialDocument(to: string): string {
  const text = to.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const noun = /^sips?:/i.test(to) ? 'Sip' : 'Number';
  return `<Response><Dial answerOnBridge="true"><${noun}>${text}</${noun}></Dial></Response>`;
}
