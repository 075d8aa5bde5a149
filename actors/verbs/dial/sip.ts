import { Type } from '@sinclair/typebox';
import type { DialTarget } from '@tandem/proto/generated/events.ts';
import {
  badContent,
  type ElementReader,
  leaveOut,
  notRun,
  quoted,
  readAttributes,
  readText,
  readUriHeaders,
  splitUri,
  under,
} from '../../documents/xml/index.ts';
import { NOT_RUN_PER_TARGET } from './number.ts';

const attributes = Type.Object({
  // A password in a document would be kept in the call's history for ever, and a name without one opens nothing.
  ...under([...NOT_RUN_PER_TARGET, 'username', 'password'], () => notRun()),
});

/** sip:user@host:port;parameters with the characters of RFC 3261, section 25.1. */
const SIP_URI =
  /^sips?:([\w\-.!~*'()%&=+$,;?/:]{1,128}@)?([A-Za-z0-9.-]{1,128}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?(;[\w\-.!~*'()%[\]/:&+$=]+)*$/;

/** A SIP endpoint to dial. */
export const sip: ElementReader<DialTarget> = {
  tag: 'Sip',
  read(element, source) {
    const values = readAttributes(element, attributes, source);
    const written = readText(element, source);
    if (written === '') return leaveOut(element, 'names nobody to call', source);
    const { address: uri, headers } = splitUri(written);
    if (uri.length > 255 || !SIP_URI.test(uri)) {
      throw badContent(
        element,
        `names "${quoted(uri)}", which is no SIP URI such as sip:anna@example.com`,
        source,
      );
    }
    if (headers === undefined) return { sip: { uri, ...values } };
    const fields = readUriHeaders(headers);
    if (typeof fields === 'string') throw badContent(element, fields, source);
    return { sip: { uri, ...values, headers: { fields } } };
  },
};
