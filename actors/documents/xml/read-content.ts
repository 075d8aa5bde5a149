import { TandemError } from '../../errors/index.ts';
import { nearest } from '../../text/index.ts';
import { type DocumentSource, placeOf, quoted } from './document-source.ts';
import { elementsOf, textOf, type XmlElement } from './xml-tree.ts';

/** Turns one kind of element into a part of an instruction. */
export interface ElementReader<T> {
  readonly tag: string;
  /**
   * Undefined for an element that means nothing, which is told as a warning.
   * @throws document.* with the place of what is wrong
   */
  readonly read: (element: XmlElement, source: DocumentSource) => T | undefined;
}

/** Voice verbs and nouns of TwiML. Those that `tags` of a document's source has not are not run by this version. */
const TWIML = new Set([
  'Record',
  'Enqueue',
  'Leave',
  'Refer',
  'Sms',
  'Message',
  'Connect',
  'Start',
  'Stop',
  'Pay',
  'Prompt',
  'Siprec',
  'Stream',
  'Echo',
  'Application',
  'Client',
  'Conference',
  'Queue',
  'Sim',
  'WhatsApp',
]);

/**
 * Reads the child elements of an element that holds no text of its own. Text, and elements that nobody knows, are left
 * out with a warning.
 * @throws document.unsupported-verb, document.misplaced-verb
 */
export function readChildren<T>(
  element: XmlElement,
  readers: readonly ElementReader<T>[],
  source: DocumentSource,
): T[] {
  const text = textOf(element);
  if (text !== '') {
    source.notes.warn(
      badContent(element, `holds the text "${quoted(text)}", and takes elements only`, source),
    );
  }
  const allowed = readers.map(({ tag }) => tag);
  return elementsOf(element).flatMap((child) => {
    const reader = readers.find(({ tag }) => tag === child.name);
    if (reader) return reader.read(child, source) ?? [];
    const fault = unreadable(child, element, allowed, source);
    if (fault.code !== 'document.unknown-verb') throw fault;
    source.notes.warn(fault);
    return [];
  });
}

/**
 * Reads the text of an element that holds nothing else; white space collapsed and trimmed, perhaps empty.
 * @throws document.unsupported-verb, document.misplaced-verb, document.unknown-verb for an element in it
 */
export function readText(element: XmlElement, source: DocumentSource): string {
  const child = elementsOf(element)[0];
  if (child) throw unreadable(child, element, [], source);
  return textOf(element);
}

/** Checks that an element holds neither text nor elements. */
export function expectEmpty(element: XmlElement, source: DocumentSource): void {
  readChildren<never>(element, [], source);
}

/** The error for an element that may not stand where it does. */
export function unreadable(
  element: XmlElement,
  parent: XmlElement,
  allowed: readonly string[],
  source: DocumentSource,
): TandemError {
  const where = { ...placeOf(source, element.offset), element: element.name, parent: parent.name };
  if (source.tags.includes(element.name)) {
    return new TandemError('document.misplaced-verb', { ...where, allowed });
  }
  if (TWIML.has(element.name)) return new TandemError('document.unsupported-verb', where);
  const suggestion = nearest(element.name, allowed.length > 0 ? allowed : source.tags);
  return new TandemError('document.unknown-verb', { ...where, suggestion });
}

/** Leaves out an element that means nothing: it says what is missing. */
export function leaveOut(element: XmlElement, detail: string, source: DocumentSource): undefined {
  source.notes.warn(badContent(element, `${detail}, and is left out`, source));
}

/** The error for what stands between an element's tags. */
export const badContent = (element: XmlElement, detail: string, source: DocumentSource) =>
  new TandemError('document.bad-content', {
    ...placeOf(source, element.offset),
    element: element.name,
    detail,
  });
