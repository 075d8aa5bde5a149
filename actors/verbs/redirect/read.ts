import { Type } from '@sinclair/typebox';
import type { Instruction } from '@tandem/proto/generated/events.ts';
import {
  badContent,
  type ElementReader,
  httpMethod,
  quoted,
  readAttributes,
  readText,
  resolveUrl,
} from '../../documents/xml/index.ts';

const attributes = Type.Object({ method: httpMethod() });

/** Goes on with the document of another URL. */
export const readRedirect: ElementReader<Instruction> = {
  tag: 'Redirect',
  read(element, source) {
    const { method } = readAttributes(element, attributes, source);
    const written = readText(element, source);
    const url = resolveUrl(written, source);
    if (url === undefined) {
      throw badContent(element, `names "${quoted(written)}", which is no http:// or https:// URL`, source);
    }
    return { redirect: { url, method } };
  },
};
