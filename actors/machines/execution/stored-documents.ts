import { hash } from 'node:crypto';
import type { DocumentFetched, Instruction } from '@tandem/proto/generated/events.ts';

/** A document that is stored in full in the call's history, so that it need not be again. */
export interface StoredDocument {
  /** SHA-256 of what it says, base64url. */
  readonly digest: string;
  /** Bytes of it in the history. */
  readonly size: number;
  readonly instructions: readonly Instruction[];
}

/** What a call knows of the documents in its history. */
export interface StoredDocuments {
  /** Those that need not be stored again: the newest, the one asked for last at the end. */
  readonly known: readonly StoredDocument[];
  /** Bytes of all that are stored in full. */
  readonly size: number;
}

/** Bytes of the documents that a call knows: they are in its state, and a state has to fit in an event. */
const MOST_KNOWN = 256 * 1024;
/** Bytes of all documents in a call's history: hours of new ones, ten a minute and of usual length. */
export const MOST_STORED = 64 * 1024 * 1024;

const EMPTY: StoredDocuments = { known: [], size: 0 };

type Fetched = Omit<DocumentFetched, 'requestId'>;

/**
 * The answer as it is stored: one that says what an earlier one of the call said is a reference to it. An application that
 * has a caller wait gives the same document over and over.
 */
export function asStored<D extends Fetched>(data: D, stored: StoredDocuments = EMPTY): D {
  const { contentType, body, instructions, warnings, ...rest } = data;
  const digest = hash('sha256', JSON.stringify([contentType, body, instructions, warnings]), 'base64url');
  if (!stored.known.some((document) => document.digest === digest)) return { ...data, digest };
  return { ...rest, contentType, body: '', instructions: [], digest, repeated: true } as unknown as D;
}

/** The instructions of an answer, and what the call knows after it. An answer of an earlier release has no digest. */
export function taken(
  { digest, repeated, body, instructions }: Fetched,
  stored: StoredDocuments | undefined = EMPTY,
): { readonly instructions: readonly Instruction[]; readonly stored?: StoredDocuments } {
  if (digest === undefined) return { instructions };
  const found = stored.known.find((document) => document.digest === digest);
  const others = stored.known.filter((document) => document !== found);
  if (repeated && found)
    return { instructions: found.instructions, stored: { ...stored, known: [...others, found] } };
  const size = Buffer.byteLength(body) + Buffer.byteLength(JSON.stringify(instructions));
  return {
    instructions,
    stored: {
      known: withinLimit([...others, { digest, size, instructions }]),
      size: stored.size + size,
    },
  };
}

/** The newest that fit. */
function withinLimit(documents: readonly StoredDocument[]): StoredDocument[] {
  let left = MOST_KNOWN;
  const first = documents.findLastIndex(({ size }) => {
    left -= size;
    return left < 0;
  });
  return documents.slice(first + 1);
}
