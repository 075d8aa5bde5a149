import type { Instruction } from '@tandem/proto/generated/events.ts';
import { TandemError } from '../../errors/index.ts';
import { withoutCredentials } from '../../net/index.ts';
import { MAX_SAY_LENGTH } from '../../verbs/index.ts';
import { parseDocument } from '../twiml/index.ts';
import type { DocumentNotes } from '../xml/index.ts';
import { collapse } from '../xml/index.ts';
import type { FetchResponse } from './fetcher.ts';

/** Whether an answer is sound, of which only the URL counts. */
export const isAudio = (contentType: string): boolean => mediaType(contentType).startsWith('audio/');

/**
 * What an application's answer tells us to do: a document's instructions, one Play for audio, one Say for plain
 * text; nothing (which ends the call) for an empty answer. Sound is asked for again by whoever plays it: it is not kept
 * with the call, which is what an answer is.
 *
 * @param base URL against which relative URLs are resolved
 * @throws document.*
 */
export function readAnswer(
  answer: FetchResponse,
  body: string,
  base: string,
  notes: DocumentNotes,
): Instruction[] {
  const url = withoutCredentials(answer.url);
  if (answer.status < 200 || answer.status > 299) {
    throw new TandemError('document.bad-status', { url, status: answer.status });
  }
  if (isAudio(answer.contentType)) return [{ play: { url: notes.takeLogin(answer.url), loop: 1 } }];
  const encoding = answer.contentEncoding.toLowerCase();
  if (encoding !== '' && encoding !== 'identity') {
    throw new TandemError('document.bad-type', { url, type: `${answer.contentType} (${encoding})` });
  }
  if (body.trim() === '') return [];
  switch (mediaType(answer.contentType)) {
    case 'text/xml':
    case 'application/xml':
    case 'text/html':
      return parseDocument(body, { url: base }, notes);
    case 'text/plain': {
      const text = collapse(body);
      if (text.length > MAX_SAY_LENGTH)
        throw new TandemError('document.too-large', { url, limit: MAX_SAY_LENGTH });
      return [{ say: { text, loop: 1 } }];
    }
    default:
      throw new TandemError('document.bad-type', { url, type: answer.contentType });
  }
}

const mediaType = (contentType: string): string => contentType.split(';')[0]!.trim().toLowerCase();
