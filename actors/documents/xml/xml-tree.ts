import { SaxesParser } from 'saxes';
import { TandemError } from '../../errors/index.ts';
import { type DocumentSource, placeOf, quoted } from './document-source.ts';

export interface XmlAttribute {
  readonly name: string;
  readonly value: string;
  /** Where its name starts in the document's text. */
  readonly offset: number;
}

export interface XmlElement {
  readonly name: string;
  /** Where its `<` stands in the document's text. */
  readonly offset: number;
  readonly attributes: readonly XmlAttribute[];
  /** Elements and text in their order; comments and processing instructions are left out. */
  readonly children: readonly (XmlElement | string)[];
}

/** What a document may hold at most; more is refused before it is built. */
export const XML_LIMITS = { bytes: 64 * 1024, depth: 16, elements: 500, attributes: 32, name: 64 } as const;

interface OpenElement extends XmlElement {
  readonly attributes: XmlAttribute[];
  readonly children: (XmlElement | string)[];
}

/**
 * Reads a document into its tree: XML 1.0 without document type declarations and with the five predefined
 * entities only.
 * @throws document.too-large, document.bad-xml, document.too-complex
 */
export function readXml(source: DocumentSource): XmlElement {
  if (Buffer.byteLength(source.text) > XML_LIMITS.bytes) {
    const { url } = placeOf(source, 0);
    throw new TandemError('document.too-large', { url, limit: XML_LIMITS.bytes });
  }
  const parser = new SaxesParser({ defaultXMLVersion: '1.0', forceXMLVersion: true });
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  let elements = 0;

  const bad = (detail: string) => {
    const stray = strayAmpersand(source.text.slice(0, parser.position));
    return stray === undefined
      ? new TandemError('document.bad-xml', { ...placeOf(source, parser.position - 1), detail })
      : new TandemError('document.bad-xml', { ...placeOf(source, stray), detail: 'a bare & is not allowed' });
  };
  const tooComplex = (detail: string) =>
    new TandemError('document.too-complex', { ...placeOf(source, parser.position - 1), detail });

  parser.on('error', (error) => {
    throw bad(quoted(error.message.replace(/^\d+:\d+: /, '').replace(/\.$/, '')));
  });
  parser.on('doctype', () => {
    throw bad('a document type declaration is not allowed');
  });
  parser.on('opentagstart', ({ name }) => {
    elements += 1;
    if (name.length > XML_LIMITS.name) throw tooComplex(`a name longer than ${XML_LIMITS.name} characters`);
    if (elements > XML_LIMITS.elements) throw tooComplex(`more than ${XML_LIMITS.elements} elements`);
    if (open.length === XML_LIMITS.depth) throw tooComplex(`more than ${XML_LIMITS.depth} nested elements`);
    const offset = source.text.lastIndexOf(`<${name}`, parser.position);
    const element = { name, offset, attributes: [], children: [] };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('attribute', ({ name, value }) => {
    const { attributes } = open.at(-1)!;
    if (attributes.length === XML_LIMITS.attributes) {
      throw tooComplex(`an element with more than ${XML_LIMITS.attributes} attributes`);
    }
    attributes.push({ name, value, offset: startOfAttribute(source.text, parser.position, name) });
  });
  const addText = (text: string) => open.at(-1)?.children.push(text);
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const closed = open.pop();
    if (open.length === 0) root = closed;
  });
  parser.write(source.text).close();
  return root!; // a document without a root element is an error to the parser
}

/**
 * Where the first & is that starts no reference; undefined without one. The parser reads on to the next
 * semicolon, perhaps to the end, so its own place for this, the commonest of mistakes, is far off.
 */
function strayAmpersand(text: string): number | undefined {
  const read = /<!--.*?(?:-->|$)|<!\[CDATA\[.*?(?:\]\]>|$)|<\?.*?(?:\?>|$)|&(?!#?\w+;)/gs;
  for (const match of text.matchAll(read)) if (match[0] === '&') return match.index;
  return undefined;
}

/** The parser stands behind an attribute's closing quote; its value cannot hold that quote. */
function startOfAttribute(text: string, position: number, name: string): number {
  const openingQuote = text.lastIndexOf(text[position - 1]!, position - 2);
  return text.lastIndexOf(name, openingQuote - name.length);
}

/** An element's child elements. */
export const elementsOf = (element: XmlElement): XmlElement[] =>
  element.children.filter((child) => typeof child !== 'string');

/** An element's own text, without that of its child elements; white space collapsed and trimmed. */
export const textOf = (element: XmlElement): string =>
  collapse(element.children.filter((child) => typeof child === 'string').join(''));

/** White space of XML (section 2.3) collapsed to one space and trimmed. */
export const collapse = (text: string): string => text.replace(/[ \t\r\n]+/g, ' ').trim();
