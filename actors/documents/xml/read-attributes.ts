import { Kind, type Static, type TObject, type TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { TandemError } from '../../errors/index.ts';
import { nearest } from '../../text/index.ts';
import type { AttributeKeywords } from './attribute-types.ts';
import { type DocumentSource, placeOf, quoted } from './document-source.ts';
import { resolveUrl } from './resolve-url.ts';
import type { XmlAttribute, XmlElement } from './xml-tree.ts';

/**
 * Reads an element's attributes by their schema: values trimmed, checked and converted, URLs resolved,
 * defaults filled in. One that is not known, is empty, or has a value that is not allowed is left out with a warning; the
 * verb is what it is without. Where it is not, and where it asks for what this version does not run, that is an error.
 * @throws document.bad-attribute, document.unsupported-attribute
 */
export function readAttributes<S extends TObject>(
  element: XmlElement,
  schema: S,
  source: DocumentSource,
): Static<S> {
  const values: Record<string, unknown> = {};
  for (const [name, kind] of Object.entries(schema.properties)) {
    if (kind.default !== undefined) values[name] = kind.default;
  }
  for (const attribute of element.attributes) {
    if (!Object.hasOwn(schema.properties, attribute.name)) {
      source.notes.warn(unknown(element, attribute, schema, source));
      continue;
    }
    const value = readValue(element, attribute, schema.properties[attribute.name]!, source);
    if (value !== undefined) values[attribute.name] = value;
  }
  return values as Static<S>;
}

function readValue(
  element: XmlElement,
  attribute: XmlAttribute,
  kind: TSchema & AttributeKeywords,
  source: DocumentSource,
): unknown {
  const written = attribute.value.trim();
  if (isNotRun(kind, written)) {
    throw new TandemError('document.unsupported-attribute', described(element, attribute, source));
  }
  if (kind.notRun === 'all') return undefined;
  const value = kind.reference ? resolveUrl(written, source) : converted(kind, written);
  if (value === undefined || !Value.Check(kind, value)) {
    const fault = badAttribute(element, attribute, source, String(kind.description));
    if (kind.essential && written !== '') throw fault;
    source.notes.warn(fault);
    return undefined;
  }
  return value;
}

const isNotRun = (kind: AttributeKeywords, written: string): boolean =>
  kind.notRun === 'all' ? !kind.harmless?.includes(written) : (kind.notRun?.includes(written) ?? false);

/** A value as its kind's type; what cannot be converted stays text and fails the check. */
function converted(kind: TSchema, written: string): unknown {
  switch (kind[Kind]) {
    case 'Integer':
      return /^\d{1,9}$/.test(written) ? Number(written) : written;
    case 'Boolean':
      return { true: true, false: false }[written.toLowerCase()];
    case 'Union': {
      const words: string[] = kind.anyOf.map((one: { const: string }) => one.const);
      return words.find((word) => word.toLowerCase() === written.toLowerCase());
    }
    default:
      return written;
  }
}

/** An error about an attribute whose name is right and whose value is not. */
export const badAttribute = (
  element: XmlElement,
  attribute: XmlAttribute,
  source: DocumentSource,
  allowed: string,
) => new TandemError('document.bad-attribute', { ...described(element, attribute, source), allowed });

function unknown(element: XmlElement, attribute: XmlAttribute, schema: TObject, source: DocumentSource) {
  const names = Object.keys(schema.properties).filter((name) => schema.properties[name]!.notRun !== 'all');
  const takes = names.length === 0 ? 'takes no attributes' : `takes ${names.join(', ')}`;
  const near = nearest(attribute.name, names);
  const hint = near === undefined ? '' : `; did you mean ${near}`;
  return badAttribute(element, attribute, source, `<${element.name}> ${takes}${hint}`);
}

const described = (element: XmlElement, attribute: XmlAttribute, source: DocumentSource) => ({
  ...placeOf(source, attribute.offset),
  element: element.name,
  attribute: attribute.name,
  value: quoted(/password|secret|token/i.test(attribute.name) ? '…' : attribute.value),
});
