export {
  choice,
  flag,
  httpMethod,
  ignored,
  language,
  matching,
  notRun,
  text,
  under,
  url,
  whole,
} from './attribute-types.ts';
export { type DocumentNotes, type DocumentSource, placeOf, quoted } from './document-source.ts';
export { isNowhere, NOWHERE } from './nowhere.ts';
export { normalisePhoneNumber } from './phone-number.ts';
export { badAttribute, readAttributes } from './read-attributes.ts';
export {
  badContent,
  type ElementReader,
  expectEmpty,
  leaveOut,
  readChildren,
  readText,
  unreadable,
} from './read-content.ts';
export { httpUrl, MAX_URL_LENGTH, resolveUrl } from './resolve-url.ts';
export { readUriHeaders, splitUri } from './uri-headers.ts';
export { collapse, elementsOf, readXml, textOf, XML_LIMITS, type XmlElement } from './xml-tree.ts';
