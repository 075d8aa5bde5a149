import type { Instruction } from '@tandem/proto/generated/events.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { FetchResponse } from './fetcher.ts';
import { parseDocument } from './parse-document.ts';
import { withoutCredentials } from './url-credentials.ts';
import { MAX_SAY_LENGTH } from './verbs/say.ts';
import { collapse } from './xml-tree.ts';

/** Whether an answer is sound, of which only the URL counts. */
export const isAudio = (contentType: string): boolean => mediaType(contentType).startsWith('audio/');

/**
 * What an application's answer tells us to do: a document's instructions, one Play for audio, one Say for plain
 * text; nothing (which ends the call) for an empty answer.
 * @throws document.*
 */
export function readAnswer(answer: FetchResponse, body: string): Instruction[] {
  const url = withoutCredentials(answer.url);
  if (answer.status < 200 || answer.status > 299) {
    throw new TandemError('document.bad-status', { url, status: answer.status });
  }
  if (isAudio(answer.contentType)) return [{ play: { url: answer.url, loop: 1 } }];
  const encoding = answer.contentEncoding.toLowerCase();
  if (encoding !== '' && encoding !== 'identity') {
    throw new TandemError('document.bad-type', { url, type: `${answer.contentType} (${encoding})` });
  }
  if (body.trim() === '') return [];
  switch (mediaType(answer.contentType)) {
    case 'text/xml':
    case 'application/xml':
    case 'text/html':
      return parseDocument(body, answer);
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

/** An answer's body as text: by the charset of its content type, else its XML declaration, else UTF-8. */
export function decodeBody({ body, contentType }: FetchResponse): string {
  const declared = /^<\?xml[^>]*?encoding=["']([\w-]+)["']/.exec(body.toString('latin1', 0, 200))?.[1];
  const charset = /;\s*charset="?([\w-]+)/i.exec(contentType)?.[1] ?? declared ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return body.toString(); // a charset that nobody knows
  }
}

const mediaType = (contentType: string): string => contentType.split(';')[0]!.trim().toLowerCase();
