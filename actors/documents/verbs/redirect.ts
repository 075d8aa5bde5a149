import { Type } from '@sinclair/typebox';
import type { Instruction } from '@tandem/proto/generated/events.ts';
import { httpMethod } from '../attribute-types.ts';
import { quoted } from '../document-source.ts';
import { readAttributes } from '../read-attributes.ts';
import { badContent, type ElementReader, readText } from '../read-content.ts';
import { resolveUrl } from '../resolve-url.ts';

const attributes = Type.Object({ method: httpMethod() });

/** Goes on with the document of another URL. */
export const redirect: ElementReader<Instruction> = {
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
