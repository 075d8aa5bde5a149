import type { Instruction } from '@tandem/proto/generated/events.ts';
import { TandemError } from '../../errors/index.ts';
import { tags, verbs } from '../../verbs/index.ts';
import {
  badAttribute,
  type DocumentNotes,
  type DocumentSource,
  httpUrl,
  MAX_URL_LENGTH,
  placeOf,
  quoted,
  readChildren,
  readXml,
} from '../xml/index.ts';

/**
 * Reads an application document (TwiML) into the instructions it gives, in their order. An empty document
 * gives none, which ends the call. Relative URLs come out absolute, against the document's own. Parts that mean nothing
 * are left out.
 * @param xml at most 64 KiB of UTF-8
 * @param notes by default nobody hears of what is left out, and URLs keep what stands in them
 * @throws document.* with the line and column of what is wrong
 */
export function parseDocument(
  xml: string,
  base: { url: string },
  { warn = () => {}, takeLogin = (url) => url }: Partial<DocumentNotes> = {},
): Instruction[] {
  const url = httpUrl(base.url);
  if (url === undefined) {
    const shown = quoted(base.url);
    throw new TandemError('document.bad-url', {
      url: shown,
      detail: `it is no absolute http or https URL of at most ${MAX_URL_LENGTH} characters`,
    });
  }
  if (xml.trim() === '') return [];
  const source: DocumentSource = { url: url.href, text: xml, tags, notes: { warn, takeLogin } };
  const root = readXml(source);
  if (root.name !== 'Response') {
    throw new TandemError('document.bad-root', { ...placeOf(source, root.offset), element: root.name });
  }
  for (const attribute of root.attributes.filter(({ name }) => !isNamespaceAttribute(name)))
    warn(badAttribute(root, attribute, source, '<Response> takes no attributes'));
  return readChildren(
    root,
    verbs.map(({ reader }) => reader),
    source,
  );
}

/** Declarations that XML tools write on a root element and that mean nothing to us. */
const isNamespaceAttribute = (name: string): boolean => /^(xmlns|xsi)(:|$)/.test(name);
